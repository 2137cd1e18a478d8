// Prometheus: the text, and what promtool says about it.
#include <gmock/gmock.h>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <pool/metrics/prometheus.hpp>
#include <pool/metrics/thread_pool.hpp>

namespace pool::metrics {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

Health healthy() {
  return {.cpu_percent = 50, .memory_mb = 12.5, .memory_percent = 25, .threads = 7};
}

Stats some_stats() {
  Stats stats;
  stats.pool.name = "web";
  stats.pool.submitted = 17;
  stats.pool.completed = 16;
  stats.pool.active = 1;
  stats.pool.uptime = seconds(90);
  stats.workers.resize(2);
  stats.workers[1].id = 1;
  stats.workers[1].completed = 16;
  stats.workers[1].total_time = std::chrono::milliseconds(1'500);
  Histogram histogram;
  for (int i = 0; i < 10; ++i) histogram.add(std::chrono::microseconds(100));
  histogram.add(seconds(1000));
  histogram.add_to(stats.wait);
  return stats;
}

// S6.12
TEST(Prometheus, ShowsTheFigures) {
  const std::string text = to_prometheus(some_stats(), healthy(), {{"site", "a"}});
  EXPECT_THAT(text, HasSubstr("# TYPE poolcraft_tasks_submitted_total counter\n"
                              "poolcraft_tasks_submitted_total{pool=\"web\",site=\"a\"} 17\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE poolcraft_tasks_active gauge\n"
                              "poolcraft_tasks_active{pool=\"web\",site=\"a\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_uptime_seconds{pool=\"web\",site=\"a\"} 90\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_worker_completed_total{pool=\"web\",site=\"a\",worker=\"1\"} 16\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_worker_busy_seconds_total{pool=\"web\",site=\"a\",worker=\"1\"} 1.5\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_task_wait_seconds_count{pool=\"web\",site=\"a\"} 11\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_task_wait_seconds_sum{pool=\"web\",site=\"a\"} 1000.001\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_task_wait_seconds_bucket{pool=\"web\",site=\"a\",le=\"6.5536e-05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_task_wait_seconds_bucket{pool=\"web\",site=\"a\",le=\"0.000262144\"} 10\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_task_wait_seconds_bucket{pool=\"web\",site=\"a\",le=\"+Inf\"} 11\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_process_resident_memory_bytes{pool=\"web\",site=\"a\"} 12500000\n"));
  EXPECT_THAT(text, HasSubstr("poolcraft_process_cpu_ratio{pool=\"web\",site=\"a\"} 0.5\n"));
}

// S6.12: workers come and go, so only counters name them.
TEST(Prometheus, NamesWorkersAtCountersOnly) {
  std::istringstream text(to_prometheus(some_stats(), healthy()));
  for (std::string line; std::getline(text, line);) {
    if (line.find("worker=") != std::string::npos) {
      EXPECT_THAT(line, HasSubstr("_total{"));
    }
  }
}

// S6.10: what is unknown is not shown, rather than shown as 0.
TEST(Prometheus, LeavesOutWhatIsUnknown) {
  EXPECT_THAT(to_prometheus(some_stats()), Not(HasSubstr("poolcraft_process")));
}

std::string hostile() {
  return "a\"b\\c\nd} 1\n# TYPE x counter\n\x01\xff\xc0\xaf\xed\xa0\x80\xe2\x82{\xe2\x82\xac";
}

// S6.12: a name is text, whatever is in it.
TEST(Prometheus, EscapesHostileNames) {
  Stats stats = some_stats();
  stats.pool.name = hostile();
  const std::string text = to_prometheus(stats, {}, {{"more", hostile()}});
  EXPECT_THAT(text, HasSubstr("{pool=\"a\\\"b\\\\c\\nd} 1\\n# TYPE x counter\\n\x01\xef\xbf\xbd"));
  EXPECT_THAT(text, Not(HasSubstr("\n# TYPE x counter")));
  EXPECT_THAT(text, Not(HasSubstr("\xff")));
}

// S6.12
TEST(Prometheus, RefusesNamesOfLabelsThatAreNone) {
  for (const char* name : {"", "1a", "a-b", "a b", "\xc3\xa4", "__x", "pool", "worker", "le"}) {
    EXPECT_THROW(static_cast<void>(to_prometheus(some_stats(), {}, {{name, "v"}})), std::invalid_argument) << name;
  }
  EXPECT_THROW(static_cast<void>(to_prometheus(some_stats(), {}, {{"a", "v"}, {"a", "w"}})), std::invalid_argument);
  EXPECT_NO_THROW(static_cast<void>(to_prometheus(some_stats(), {}, {{"a", "v"}, {"_b1", "w"}})));
}

// What it says about a text, on both of its streams, and how it ends.
std::string promtool(const std::string& text) {
  const fs::path page = fs::temp_directory_path() / ("pool_prometheus_" + std::to_string(getpid()));
  const fs::path said = page.string() + ".said";
  std::ofstream(page, std::ios::binary) << text;
  const std::string command = "promtool check metrics < " + page.string() + " > " + said.string() + " 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream stream(said);
  std::string answer(std::istreambuf_iterator<char>(stream), {});
  fs::remove(page);
  fs::remove(said);
  return status == 0 ? answer : answer + "(it ended with " + std::to_string(status) + ")";
}

// S6.12
TEST(Prometheus, LeavesPromtoolWithoutAWord) {
  if (std::system("promtool --version > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed; it is part of Prometheus (Debian, Ubuntu: apt install prometheus)";
  }
  EXPECT_NE(promtool("bad_total{ 1\n"), "") << "it would say something";
  ThreadPool pool({.workers = 2, .name = hostile()});
  for (int i = 0; i < 10; ++i) static_cast<void>(pool.submit(TaskOptions{.name = hostile()}, [] {}));
  pool.wait_idle();
  HealthMonitor monitor;
  EXPECT_EQ(promtool(to_prometheus(pool.stats(), monitor.sample(), {{"more", hostile()}})), "");
  EXPECT_EQ(promtool(to_prometheus(Stats(), healthy())), "") << "a pool without anything";
}

}  // namespace
}  // namespace pool::metrics

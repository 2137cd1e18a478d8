// What a worker process costs: its start, a round trip, jobs a second by the size of what goes to and fro, its memory.
//
//   process_bench [--python]       --python: and the same of Python's ProcessPoolExecutor, in the same run
//
// Each figure is the median of what is measured; times are of the steady clock, memory is PSS (shared pages in parts).
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include <pool/process/process_pool.hpp>
#include <pool/process/worker_main.hpp>

namespace {

using pool::process::Job;
using pool::process::json;
using pool::process::ProcessPool;
using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void spawn() {
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    ProcessPool pool({.max_workers = 1});
    const auto start = Clock::now();
    pool.submit("echo").wait();
    times.push_back(microseconds(Clock::now() - start));
  }
  std::printf("start of a worker, to its first answer   p50 %8.0f us\n", quantile(times, 0.5));
}

void round_trip() {
  ProcessPool pool({.max_workers = 1});
  pool.submit("echo").wait();
  std::vector<double> times;
  for (int i = 0; i < 20'000; ++i) {
    const auto start = Clock::now();
    pool.submit("echo", i).wait();
    times.push_back(microseconds(Clock::now() - start));
  }
  std::printf("round trip, hot                          p50 %8.1f us   p99 %8.1f us\n", quantile(times, 0.5),
              quantile(times, 0.99));
}

// Jobs a second with so many handed in at a time.
double jobs_a_second(std::size_t workers, std::size_t bytes, int jobs) {
  ProcessPool pool({.max_workers = workers});
  const json payload = std::string(bytes, 'x');
  std::vector<Job<json>> first;
  for (std::size_t i = 0; i < 2 * workers; ++i) first.push_back(pool.submit("echo"));
  for (auto& job : first) job.wait();
  const auto start = Clock::now();
  std::deque<Job<json>> window;
  for (int i = 0; i < jobs; ++i) {
    window.push_back(pool.submit("echo", payload));
    if (window.size() < 64) continue;
    window.front().wait();
    window.pop_front();
  }
  for (auto& job : window) job.wait();
  return jobs / (microseconds(Clock::now() - start) / 1e6);
}

void throughput() {
  for (const auto& [bytes, jobs] :
       {std::pair<std::size_t, int>{8, 40'000}, {1'000, 20'000}, {100'000, 1'000}, {1'000'000, 100}}) {
    const double rate = jobs_a_second(2, bytes, jobs);
    std::printf("jobs of %7zu bytes there and back, 2 workers  %9.0f jobs/s   %7.1f MB/s\n", bytes, rate,
                2 * rate * static_cast<double>(bytes) / 1e6);
  }
}

void memory() {
  ProcessPool pool({.max_workers = 1});
  const auto pid = pool.submit("pid").get().get<int>();
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  std::string word;
  double kilobytes = 0;
  while (file >> word) {
    if (word == "Pss:") file >> kilobytes;
  }
  std::printf("memory of an idle worker                     %8.2f MB\n", kilobytes / 1000);
}

}  // namespace

int main(int argc, char** argv) {
  pool::process::jobs().add("echo", [](const json& argument) { return argument; });
  pool::process::jobs().add("pid", [](const json&) { return json(getpid()); });
  if (const auto status = pool::process::worker_main(argc, argv)) return *status;
  spawn();
  round_trip();
  throughput();
  memory();
  std::fflush(stdout);
  if (argc > 1 && std::string(argv[1]) == "--python") {
    return std::system("python3 " POOL_PROCESS_BENCH_FOLDER "/executor.py");  // NOLINT(cert-env33-c): a bench
  }
  return 0;
}

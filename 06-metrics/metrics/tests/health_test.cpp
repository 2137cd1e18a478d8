// Health: the figures, and what happens where there are none.
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include <pool/metrics/health.hpp>
#include <pool/priority/clock.hpp>

namespace pool::metrics {
namespace {

namespace fs = std::filesystem;
using priority::ManualClock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A machine of files, as far as they are given.
class Machine {
 public:
  Machine() : root_(fs::temp_directory_path() / ("pool_health_" + std::to_string(getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Machine() { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  [[nodiscard]] const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

// S6.10: this machine's.
TEST(Health, KnowsThisProcess) {
  HealthMonitor monitor({.shortest = std::chrono::nanoseconds(1)});
  const Health health = monitor.sample();
  ASSERT_TRUE(health.threads);
  EXPECT_GE(*health.threads, 1U);
  ASSERT_TRUE(health.memory_mb);
  EXPECT_GT(*health.memory_mb, 1);
  ASSERT_TRUE(health.memory_percent);
  EXPECT_GT(*health.memory_percent, 0);
  EXPECT_LE(*health.memory_percent, 100);
  ASSERT_TRUE(health.cpu_percent);
  EXPECT_GE(*health.cpu_percent, 0);
}

// S6.10
TEST(Health, SaysHowMuchCpuWasUsedBetweenSamples) {
  Machine machine;
  machine.write("proc/self/cgroup", "0::/\n");
  machine.write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  machine.write("sys/fs/cgroup/cpu.max", "50000 100000\n");  // half a CPU
  ManualClock clock;
  std::optional<double> used = 100;
  HealthMonitor monitor({.clock = &clock, .root = machine.root(), .cpu_seconds = [&] { return used; }});
  EXPECT_EQ(monitor.sample().cpu_percent, std::nullopt) << "no time has passed";
  clock.advance(seconds(10));
  used = 102;
  EXPECT_DOUBLE_EQ(*monitor.sample().cpu_percent, 40);
  clock.advance(seconds(10));
  used = 107;
  EXPECT_DOUBLE_EQ(*monitor.sample().cpu_percent, 100);
  clock.advance(milliseconds(10));
  used = 200;
  EXPECT_DOUBLE_EQ(*monitor.sample().cpu_percent, 100) << "so soon, it is as before";
  clock.advance(seconds(10));
  used = 150;
  EXPECT_DOUBLE_EQ(*monitor.sample().cpu_percent, 100 * 43 / 10.01 / 0.5) << "and nothing of it is lost";
  clock.advance(seconds(10));
  used = 0;
  EXPECT_DOUBLE_EQ(*monitor.sample().cpu_percent, 0) << "never negative";
  clock.advance(seconds(10));
  used = std::nullopt;
  EXPECT_EQ(monitor.sample().cpu_percent, std::nullopt);
}

// S6.10: the limit of the control group counts, not the machine's memory.
TEST(Health, RespectsTheMemoryLimit) {
  Machine machine;
  machine.write("proc/self/cgroup", "0::/box\n");
  machine.write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  machine.write("proc/meminfo", "MemTotal: 1000000 kB\n");
  machine.write("sys/fs/cgroup/box/memory.max", std::to_string(1000 * sysconf(_SC_PAGESIZE)) + "\n");
  machine.write("proc/self/statm", "5000 250 100 1 0 1 0\n");
  machine.write("proc/self/status", "Name:\tx\nThreads:\t7\nSigQ:\t0/1\n");
  HealthMonitor monitor({.root = machine.root()});
  const Health health = monitor.sample();
  ASSERT_TRUE(health.memory_percent);
  EXPECT_DOUBLE_EQ(*health.memory_percent, 25);
  EXPECT_DOUBLE_EQ(*health.memory_mb, 250 * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6);
  EXPECT_EQ(health.threads, 7U);
}

// S6.10: what cannot be had is unknown, and nothing fails.
TEST(Health, IsUnknownWhereNothingIsSaid) {
  const Machine machine;
  HealthMonitor monitor({.root = machine.root(),
                         .cpu_seconds = []() -> std::optional<double> { throw std::runtime_error("no clock"); },
                         .shortest = std::chrono::nanoseconds(1)});
  const Health health = monitor.sample();
  EXPECT_EQ(health.cpu_percent, std::nullopt);
  EXPECT_EQ(health.memory_mb, std::nullopt);
  EXPECT_EQ(health.memory_percent, std::nullopt);
  EXPECT_EQ(health.threads, std::nullopt);
  machine.write("proc/self/status", "Threads: many\n");
  EXPECT_EQ(monitor.sample().threads, std::nullopt);
}

}  // namespace
}  // namespace pool::metrics

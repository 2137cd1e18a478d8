// Health: how the process is: CPU, memory, threads. What the system does not tell is unknown, and nothing here fails.
//
// Linux tells all of it, elsewhere some is unknown. Thread safety: every member may be called from any thread. sample()
// reads files: call it once a second, not once a job.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::metrics {

using priority::Clock;
using priority::Time;

struct Health {
  std::optional<double> cpu_percent = {};     // of the CPUs it may use, since the sample before: 100 is all of them
  std::optional<double> memory_mb = {};       // in memory now; 1 MB is 1,000,000 bytes
  std::optional<double> memory_percent = {};  // of what it may use: the machine's, or its control groups' limit
  std::optional<std::size_t> threads = {};
};

struct HealthOptions {
  Clock* clock = nullptr;            // null: the steady clock
  std::filesystem::path root = "/";  // stands before all paths, for tests
  // CPU time that the process has used so far, in seconds; empty: as the system tells it.
  std::function<std::optional<double>()> cpu_seconds = {};
  // A sample that comes sooner after another gives the CPU figure of that one: two that ask do not spoil it for each
  // other.
  std::chrono::nanoseconds shortest = std::chrono::milliseconds(100);
};

class HealthMonitor {
 public:
  using Options = HealthOptions;

  explicit HealthMonitor(Options options = {});

  // The first one says what was used since the monitor was made.
  [[nodiscard]] Health sample();

 private:
  [[nodiscard]] std::optional<double> used_cpu() const;
  [[nodiscard]] std::optional<double> cpu_percent();

  struct Before {
    Time time{};
    std::optional<double> cpu = {};      // seconds
    std::optional<double> percent = {};  // as it was given
  };

  const Options options_;
  Clock& clock_;
  sync::mutex mutex_;
  sync::cell<Before> before_;  // guarded by mutex_
};

}  // namespace pool::metrics

// What is measured with: the settings of a run, a stopwatch, and the ways to end.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

struct Settings {
  std::size_t workers = 2;
  bool quick = false;  // as few jobs as show that it works: the figures mean nothing
  int patience = 20;   // seconds without anything happening
  [[nodiscard]] std::size_t size(std::size_t full, std::size_t tiny) const { return quick ? tiny : full; }
};
inline Settings settings;

// A run that has failed gives no figure. The pool may be in any state: nothing is cleaned up.
[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::fflush(stderr);
  std::_Exit(1);
}

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// How long to wait for a job that may be lost.
class Patience {
 public:
  [[nodiscard]] bool over() const { return Clock::now() - start_ > std::chrono::seconds(settings.patience); }

 private:
  Clock::time_point start_ = Clock::now();
};

// What the process has used.
struct Used {
  double seconds = 0, cpu = 0;                  // cpu: seconds, of all threads
  std::int64_t voluntary = 0, involuntary = 0;  // context switches
};

class Stopwatch {
 public:
  [[nodiscard]] Used stop() const {
    const Used now = so_far();
    return {now.seconds - start_.seconds, now.cpu - start_.cpu, now.voluntary - start_.voluntary,
            now.involuntary - start_.involuntary};
  }

 private:
  static Used so_far() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    timespec cpu{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return {Seconds(Clock::now().time_since_epoch()).count(),
            static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec), usage.ru_nvcsw, usage.ru_nivcsw};
  }
  Used start_ = so_far();
};

// What a result is called, and how to read it.
struct Result {
  std::string_view id, title, unit, better;
};

struct Outcome {
  std::vector<double> values;  // in the order of the workload's results
  Used used;
  std::uint64_t jobs = 0;
  std::size_t workers = settings.workers;
  std::optional<double> producers_cpu = {};  // as a share of a core
};

// Bytes that the process has in memory, or had at most: VmRSS or VmHWM. (What getrusage says of the most is no less
// than what the process had that has started this one.)
inline double memory(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == what + ":" && status >> kibibytes) return 1024 * kibibytes;
  }
  fail("/proc/self/status does not say what " + what + " is");
}
#ifdef __linux__
inline constexpr bool kMemoryIsKnown = true;
#else
inline constexpr bool kMemoryIsKnown = false;
#endif

inline double quantile(std::vector<double>& values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace bench

// Measurement: what one process measured while it indexed a folder, and how it tells its parent.
//
// The measured run has a process of its own because the peak of resident memory is a number of the whole process: in one
// that has done other things before, it would be theirs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bounded_index.hpp"

// The system at one moment.
struct Sample {
  double seconds = 0;       // since the run began
  std::uint64_t bytes = 0;  // of text that was read and is not yet counted
  std::uint64_t texts = 0;
};

struct Measurement {
  PoolPlan plan;
  std::uint64_t accepted = 0, completed = 0, rejected = 0, ran_in_caller = 0, dropped = 0, high_water = 0;
  double seconds = 0;             // from before the first file was read until the last job was done
  std::uint64_t arrivals = 0;     // texts that were handed in, whatever became of them
  double stayed_seconds = 0;      // in the system, all of them together
  std::uint64_t peak_memory = 0;  // bytes; of the process, see peak_memory()
  std::vector<Sample> samples;    // in the order of time

  // The three quantities of Little's law, each measured on its own: mean_in_system() == arrival_rate() * mean_stay().
  [[nodiscard]] double arrival_rate() const;    // texts a second
  [[nodiscard]] double mean_stay() const;       // seconds
  [[nodiscard]] double mean_in_system() const;  // texts; the mean over time of the samples
};

// Looks at the system every two milliseconds, on a thread of its own.
class Sampler {
 public:
  explicit Sampler(const InSystem& in_system);
  std::vector<Sample> stop(double& seconds);  // the samples, the last one of now; and how long it took them

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] Sample look() const;

  const InSystem& in_system_;
  const indexer::Stopwatch time_;
  std::vector<Sample> samples_;
  std::jthread thread_;
};

// The most physical memory that this process ever had, in bytes; and by what name the system knows that number.
std::uint64_t peak_memory();
#ifdef __linux__
inline constexpr const char* kPeakMemoryName = "VmHWM";
#else
inline constexpr const char* kPeakMemoryName = "ru_maxrss";
#endif

// One line for each number: its name, a blank, the number. Samples are lines of three.
void write(std::ostream& out, const Measurement& measurement);

// Reads what write() wrote, apart from the plan. Throws std::runtime_error if it is not that, or not all of it.
Measurement read_measurement(const std::string& text);

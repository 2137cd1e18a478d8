// VectorClock: how far into each thread's life one can see. It decides what happens before what.
//
// Every operation of a thread ticks the thread's own entry. Whoever synchronises with the thread joins its clock.
// Invariant:  (K1) a knows (thread, time) <=> what the thread did at that time happens before the holder of a
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pool::explorer {

using ThreadId = std::size_t;  // 0 is the body, the others count in the order of their start
inline constexpr ThreadId kMaxThreads = 8;
inline constexpr ThreadId kNobody = kMaxThreads;

using Time = std::uint32_t;  // 0: never

class VectorClock {
 public:
  Time& operator[](ThreadId thread) { return times_[thread]; }
  Time operator[](ThreadId thread) const { return times_[thread]; }

  [[nodiscard]] bool knows(ThreadId thread, Time time) const { return time <= times_[thread]; }

  void join(const VectorClock& other) {
    for (ThreadId thread = 0; thread < kMaxThreads; ++thread) {
      times_[thread] = std::max(times_[thread], other.times_[thread]);
    }
  }

 private:
  std::array<Time, kMaxThreads> times_{};
};

}  // namespace pool::explorer

// InFlight: whether all jobs that were handed in have ended. Each thread has counts of its own.
//
// Its atomics are a parameter: the explorer's, and one that counts what an operation costs.
// Thread safety: begin() and end() by the thread whose number is given; none() may be called from any thread.
// Invariant:  (F1) none() is true  =>  every job whose begin() happened before the call has ended, and so has every job
//                  that was handed in by one of these
// Memory ordering: what these jobs did is visible to whoever is told so.
#pragma once

#include <cstddef>
#include <memory>

#include <pool/testing/todo.hpp>

namespace exercise {

template <template <class> class Atomic>
class InFlight {
 public:
  explicit InFlight(std::size_t threads) : threads_(threads), counts_(new Counts[threads]) {}

  // To be called before anybody can take the job.
  void begin(std::size_t thread) {
    static_cast<void>(thread);
    POOL_TODO("count it, without an operation that reads and writes in one step");
  }

  // To be called when the job has ended, on the thread that has run it. That may be another one.
  void end(std::size_t thread) {
    static_cast<void>(thread);
    POOL_TODO("count it; which edge begins here?");
  }

  [[nodiscard]] bool none() const {
    static_cast<void>(threads_);
    return (POOL_TODO("add up; what may happen between two of the looks?"), false);
  }

 private:
  struct alignas(64) Counts {  // a cache line for each thread
  };

  const std::size_t threads_;
  const std::unique_ptr<Counts[]> counts_;
};

}  // namespace exercise

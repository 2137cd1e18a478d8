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

namespace exercise {

template <template <class> class Atomic>
class InFlight {
 public:
  explicit InFlight(std::size_t threads) : threads_(threads), counts_(new Counts[threads]) {}

  // To be called before anybody can take the job.
  void begin(std::size_t thread) {
    // #todo
    add_one(counts_[thread].in, std::memory_order_relaxed);  // whoever sees the end of the job sees it anyway
    // #instead
    // static_cast<void>(thread);
    // POOL_TODO("count it, without an operation that reads and writes in one step");
    // #end
  }

  // To be called when the job has ended, on the thread that has run it. That may be another one.
  void end(std::size_t thread) {
    // #todo
    add_one(counts_[thread].out, std::memory_order_release);  // [out] pairs with none()
    // #instead
    // static_cast<void>(thread);
    // POOL_TODO("count it; which edge begins here?");
    // #end
  }

  [[nodiscard]] bool none() const {
    // #todo
    std::size_t out = 0;
    for (std::size_t i = 0; i < threads_; ++i) out += counts_[i].out.load(std::memory_order_acquire);  // [out]
    std::size_t in = 0;  // when all that is out has been looked at
    for (std::size_t i = 0; i < threads_; ++i) in += counts_[i].in.load(std::memory_order_relaxed);
    return out == in;
    // #instead
    // static_cast<void>(threads_);
    // return (POOL_TODO("add up; what may happen between two of the looks?"), false);
    // #end
  }

 private:
  struct alignas(64) Counts {  // a cache line for each thread
    // #todo
    Atomic<std::size_t> in{0};   // written by its thread alone
    Atomic<std::size_t> out{0};  // the same
    // #end
  };
  // #todo

  static void add_one(Atomic<std::size_t>& count, std::memory_order order) {
    count.store(count.load(std::memory_order_relaxed) + 1, order);
  }
  // #end

  const std::size_t threads_;
  const std::unique_ptr<Counts[]> counts_;
};

}  // namespace exercise

// #todo
// Why this. While we add up, the numbers change. Look at a sum of what is out, and then at a sum of what is in. Each
// job that is in the first is in the second, too: its end came after its begin, and whoever sees the one sees the
// other. So the second cannot be less. If the two are equal they count the same jobs, all of which have ended. A job
// that came in later makes the second sum larger, and none() says false: too late, perhaps, and never too early.
//
// Why not in first and then out. A is running, and in is 1. Then B is handed in, and runs, and ends: out is 1. They
// are equal, and A still runs. Why not both in one loop: that is the same, with another thread for B. Why not one
// number for each thread, in less out: it is both in one loop, in one variable.
//
// Why two numbers that only go up: a sum of numbers that are read one after the other is no number that ever was. But
// a number that only goes up can be off in one direction only, and one can choose in which.
//
// Why a load and a store, and no fetch_add: nobody else writes this count, and the line stays where it is. One counter
// for all would be right, and shorter; it is one line that every job of every thread wants twice.
// #end

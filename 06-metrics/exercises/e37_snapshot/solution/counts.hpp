// Counts: what becomes of the jobs of a pool, counted by those who do it, and looked at by anybody at any time.
//
// Thread safety: submitted() and snapshot() may be called from any thread, started() and ended() by the worker whose number
// is given. Whoever starts a job knows that it was submitted: a queue lies between the two, which orders them.
// Invariants:  (C1) in each snapshot: ended <= started <= submitted, so no number is below zero
//              (C2) what one thread has seen in a snapshot is in its next one
//              (C3) nobody waits: a worker writes only to what is its own
// Memory ordering: who sees an end sees the start before it, who sees a start sees that the job was submitted.
#pragma once

#include <cstddef>
#include <memory>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

struct Snapshot {
  std::size_t submitted = 0, queued = 0, running = 0, ended = 0;  // submitted == queued + running + ended
};

class Counts {
 public:
  explicit Counts(std::size_t workers) : workers_(workers), lines_(new Line[workers]) {}

  void submitted() { submitted_.fetch_add(1, std::memory_order_relaxed); }

  void started(std::size_t worker) {
    // #todo
    bump(lines_[worker].started);
    // #instead
    // Line& line = lines_[worker];
    // line.started.store(line.started.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    // #end
  }
  void ended(std::size_t worker) {
    // #todo
    bump(lines_[worker].ended);
    // #instead
    // Line& line = lines_[worker];
    // line.ended.store(line.ended.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    // #end
  }

  [[nodiscard]] Snapshot snapshot() const {
    // #todo
    std::size_t ended = 0, started = 0;
    for (std::size_t i = 0; i < workers_; ++i) ended += lines_[i].ended.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < workers_; ++i) started += lines_[i].started.load(std::memory_order_acquire);
    const std::size_t submitted = submitted_.load(std::memory_order_relaxed);
    // #instead
    // const std::size_t submitted = submitted_.load(std::memory_order_relaxed);
    // std::size_t started = 0, ended = 0;
    // for (std::size_t i = 0; i < workers_; ++i) started += lines_[i].started.load(std::memory_order_relaxed);
    // for (std::size_t i = 0; i < workers_; ++i) ended += lines_[i].ended.load(std::memory_order_relaxed);
    // #end
    return {.submitted = submitted, .queued = submitted - started, .running = started - ended, .ended = ended};
  }

 private:
  struct alignas(64) Line {  // of one worker, which alone writes to it
    sync::atomic<std::size_t> started{0}, ended{0};
  };
  // #todo
  static void bump(sync::atomic<std::size_t>& count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_release);  // [count] pairs with snapshot()
  }
  // #end

  const std::size_t workers_;
  const std::unique_ptr<Line[]> lines_;
  sync::atomic<std::size_t> submitted_{0};
};

}  // namespace exercise

// #todo
// Why the last step is read first. Each number only grows, and a job is counted on its way: submitted, started, ended.
// Whoever reads along with the jobs sees the first number as it was long ago and the last one as it is now, and between the
// two looks jobs go through. Read against the way of the jobs, what may have gone on meanwhile is only ever in the numbers
// that must be the larger ones.
//
// Why that is not enough. The order in the program is not the order in which another thread sees it. A relaxed load of
// `started` may give an old number after a new one of `ended`. If the end is stored with release and read with acquire, all
// that the worker did before it is visible to the reader, its start among it. The start is the same for submitted(), which
// the queue has put before it; so submitted() itself may stay relaxed, and so may the last load.
//
// Why all ends before all starts. Jobs do not change the worker between start and end here, so worker by worker would be
// right, too. Not so in a pool where a job is suspended on one worker and goes on on another. This order is right for both.
//
// Why not seq_cst everywhere. It would be right, in this order of reading; and each store of a worker would wait until all
// its stores before have been written, some twenty nanoseconds for each job. In the wrong order it is wrong all the same.
//
// What a snapshot still is not: one instant. Of one worker it may say that two jobs are running: the end of the first was
// looked at too early. A number that says too much for a moment is no contradiction; whoever needs the instant has to stop
// everybody.
// #end

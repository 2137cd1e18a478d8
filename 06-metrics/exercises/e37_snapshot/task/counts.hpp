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
    Line& line = lines_[worker];
    line.started.store(line.started.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void ended(std::size_t worker) {
    Line& line = lines_[worker];
    line.ended.store(line.ended.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  [[nodiscard]] Snapshot snapshot() const {
    const std::size_t submitted = submitted_.load(std::memory_order_relaxed);
    std::size_t started = 0, ended = 0;
    for (std::size_t i = 0; i < workers_; ++i) started += lines_[i].started.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < workers_; ++i) ended += lines_[i].ended.load(std::memory_order_relaxed);
    return {.submitted = submitted, .queued = submitted - started, .running = started - ended, .ended = ended};
  }

 private:
  struct alignas(64) Line {  // of one worker, which alone writes to it
    sync::atomic<std::size_t> started{0}, ended{0};
  };

  const std::size_t workers_;
  const std::unique_ptr<Line[]> lines_;
  sync::atomic<std::size_t> submitted_{0};
};

}  // namespace exercise

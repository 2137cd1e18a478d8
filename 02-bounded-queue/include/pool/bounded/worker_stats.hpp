// What a pool and its workers have done so far, and the counters in which a worker notes it.
//
// Each worker writes counters of its own, on a cache line of its own; whoever wants to know gathers them. The worker
// never waits; a reader that meets it in the midst of a change reads again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <pool/basic/sync.hpp>

namespace pool::bounded {

// How a job has ended. A pool that does not ask calls all of them completed.
enum class Ended { completed, failed, cancelled };

// #region stats
struct WorkerStats {
  std::size_t completed = 0;                                // jobs that have ended, in whatever way
  std::size_t failed = 0, cancelled = 0;                    // of these, if the pool asks
  std::chrono::nanoseconds busy{0};                         // spent in them
  std::chrono::nanoseconds running{0};                      // spent so far in the one that runs now
  std::chrono::nanoseconds idle{0};                         // spent between jobs
  [[nodiscard]] std::chrono::nanoseconds mean_job() const;  // of the completed ones; 0 if there are none
};

// At rest, that is after wait_idle() or shutdown():
//   accepted == completed() + ran_in_caller + dropped     and     queued == 0
// While jobs run, the counts only grow, and what has ended, been dropped or is queued was accepted before. (`running`
// and `idle` end at the moment of reading, so they may be a little larger than what is added up later.)
struct PoolStats {
  std::vector<WorkerStats> workers;
  std::size_t accepted = 0;       // taken into the queue, or run in the caller
  std::size_t rejected = 0;       // refused for want of room: by an error, or as the outcome of a try_…
  std::size_t dropped = 0;        // accepted and never run: displaced by newer work, or discarded at the end
  std::size_t ran_in_caller = 0;  // run by the thread that handed it in
  std::size_t queued = 0;         // waiting now
  std::size_t high_water = 0;     // the most that ever waited at once

  [[nodiscard]] std::size_t completed() const;              // by all workers
  [[nodiscard]] std::chrono::nanoseconds mean_job() const;  // of those
};
// #endregion stats

// The counters of one worker: a sequence lock with one writer. (Boehm, "Can seqlocks get along with programming language
// memory models?", 2012; with release stores and acquire loads in place of fences.)
//
// Thread safety: one thread at a time calls begin(), end() and stop(); any may call read().
// Invariant:  (W1) what read() gives is the state between two calls of the writer, never in the midst of one
class alignas(64) WorkerCounters {
  using Clock = std::chrono::steady_clock;
  using Nanoseconds = std::chrono::nanoseconds;

 public:
  void begin();  // of a job
  void end(Ended how = Ended::completed);
  void ended_within(Ended how);  // a job that was run within another: it counts, and its time is the other's
  Nanoseconds rest();            // busy no longer, though no job has ended just now; how long it was
  void stop();                   // of the worker: from now on it is not even idle
  void start();                  // of one who goes on where another has stopped, or has not begun
  [[nodiscard]] WorkerStats read() const;

 private:
  enum class State : std::uint64_t { idle, busy, stopped };
  static std::int64_t now() { return std::chrono::duration_cast<Nanoseconds>(Clock::now().time_since_epoch()).count(); }

  template <class Change>
  void write(Change&& change);
  void count(Ended how);

  sync::atomic<std::uint64_t> version_{0};  // odd while the others are being written
  sync::atomic<State> state_{State::idle};
  sync::atomic<std::int64_t> since_{now()};  // ns; when that state began
  sync::atomic<std::uint64_t> completed_{0};
  sync::atomic<std::uint64_t> failed_{0};
  sync::atomic<std::uint64_t> cancelled_{0};
  sync::atomic<std::int64_t> busy_{0};  // ns, in completed jobs
  sync::atomic<std::int64_t> idle_{0};  // ns, without what has passed since `since_`
};

// #region seqlock
template <class Change>
void WorkerCounters::write(Change&& change) {
  const std::uint64_t version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_relaxed);
  change();                                                // release stores, [torn] pairs with read():
  version_.store(version + 2, std::memory_order_release);  // whoever sees one of them sees an odd version, or a later
}
// #endregion seqlock

// #region seqlock_read
inline WorkerStats WorkerCounters::read() const {
  for (;;) {
    const std::int64_t time = now();  // first: while we read, the worker may go on to its next state
    const std::uint64_t version = version_.load(std::memory_order_acquire);  // [whole] pairs with write()
    WorkerStats stats;
    stats.completed = completed_.load(std::memory_order_acquire);  // [torn]
    stats.failed = failed_.load(std::memory_order_acquire);
    stats.cancelled = cancelled_.load(std::memory_order_acquire);
    stats.busy = Nanoseconds(busy_.load(std::memory_order_acquire));
    stats.idle = Nanoseconds(idle_.load(std::memory_order_acquire));
    const State state = state_.load(std::memory_order_acquire);
    const std::int64_t since = since_.load(std::memory_order_acquire);
    if (version % 2 != 0 || version_.load(std::memory_order_relaxed) != version) continue;
    const Nanoseconds passed(std::max(time - since, std::int64_t{0}));
    if (state == State::busy) stats.running = passed;
    if (state == State::idle) stats.idle += passed;
    return stats;
  }
}
// #endregion seqlock_read

inline void WorkerCounters::begin() {
  write([&, time = now()] {
    idle_.store(idle_.load(std::memory_order_relaxed) + time - since_.load(std::memory_order_relaxed),
                std::memory_order_release);
    state_.store(State::busy, std::memory_order_release);
    since_.store(time, std::memory_order_release);
  });
}

inline void WorkerCounters::end(Ended how) {
  write([&, time = now()] {
    busy_.store(busy_.load(std::memory_order_relaxed) + time - since_.load(std::memory_order_relaxed),
                std::memory_order_release);
    count(how);
    state_.store(State::idle, std::memory_order_release);
    since_.store(time, std::memory_order_release);
  });
}

inline std::chrono::nanoseconds WorkerCounters::rest() {
  const std::int64_t time = now(), busy = time - since_.load(std::memory_order_relaxed);
  write([&] {
    busy_.store(busy_.load(std::memory_order_relaxed) + busy, std::memory_order_release);
    state_.store(State::idle, std::memory_order_release);
    since_.store(time, std::memory_order_release);
  });
  return Nanoseconds(busy);
}

inline void WorkerCounters::ended_within(Ended how) {
  if (how == Ended::completed) return count(how);  // one store: it is seen, or it is not
  write([&] { count(how); });
}

inline void WorkerCounters::count(Ended how) {
  completed_.store(completed_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (how != Ended::completed) {
    auto& kind = how == Ended::failed ? failed_ : cancelled_;
    kind.store(kind.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
}

inline void WorkerCounters::stop() {
  write([&, time = now()] {
    idle_.store(idle_.load(std::memory_order_relaxed) + time - since_.load(std::memory_order_relaxed),
                std::memory_order_release);
    state_.store(State::stopped, std::memory_order_release);
  });
}

inline void WorkerCounters::start() {
  write([&, time = now()] {
    state_.store(State::idle, std::memory_order_release);
    since_.store(time, std::memory_order_release);
  });
}

inline std::chrono::nanoseconds WorkerStats::mean_job() const {
  return completed == 0 ? busy : busy / static_cast<std::int64_t>(completed);
}

inline std::size_t PoolStats::completed() const {
  std::size_t sum = 0;
  for (const WorkerStats& worker : workers) sum += worker.completed;
  return sum;
}

inline std::chrono::nanoseconds PoolStats::mean_job() const {
  WorkerStats all;
  for (const WorkerStats& worker : workers) {
    all.completed += worker.completed;
    all.busy += worker.busy;
  }
  return all.mean_job();
}

}  // namespace pool::bounded

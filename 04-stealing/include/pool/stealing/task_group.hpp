// TaskGroup: parts of a job that are done side by side, and waited for together.
//
//   TaskGroup group(pool);
//   group.run([&] { left = sum(first_half); });
//   group.run([&] { right = sum(second_half); });
//   group.wait();                                   // throws what the first part threw that failed
//
// A part is no job: nobody can ask about it but the group. It takes no room, so it may always be forked. If the job forks
// it that has made the group, it is a closure in a cell, and nothing is allocated. If somebody else does, from outside or
// in a part, it is a unit of its own, which whoever waits can take wherever it is.
// In a job of the pool, wait() runs what the job has handed in since it began, the newest first; then parts that others
// have forked, and what was handed in for the parts that others run. When nothing of it is left, it sleeps. So the job
// that has made the group finds all of it. If another job waits, cells are found by the one that has forked them, by idle
// workers, and by who waits at the same worker, who runs all that lies there: the group is best waited for by the job
// that has made it.
// Thread safety: every member may be called from any thread, run() from parts of the group, too; the destructor only when
// nobody else uses the group.
// Invariants:  (G1) wait() returns when every part has ended that was there before, and those that they have added
//              (G2) of the exceptions, the first one is thrown by the next wait(), once; all are counted
//              (G3) no code of the user (parts, destructors of exceptions) runs under the lock
// Memory ordering: what happens before run(f) is visible to f; what f does is visible to whoever returns from wait().
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/job.hpp>
#include <pool/stealing/part.hpp>
#include <pool/stealing/parts.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace pool::stealing {

class TaskGroup {
 public:
  // Throws std::invalid_argument for a number that is no priority.
  explicit TaskGroup(ThreadPool& pool, Priority priority = Priority::normal)
      : pool_(pool), priority_(ThreadPool::checked_priority(priority)), home_(pool.frame()) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  // Waits; an exception that nobody has asked for is gone. Call wait() first: a part that ends its thread while the
  // destructor runs it ends the program.
  ~TaskGroup() { wait_for_all(); }

  // Starts f, which is called with nothing or with a CancelToken, that of all parts of the group. Throws PoolStopped
  // after shutdown, unless it is called by a job of the pool; std::bad_alloc; std::invalid_argument for an empty
  // function.
  template <class F>
  requires priority::Launchable<std::decay_t<F>>
  void run(F&& f);

  // Waits for all parts, then throws the first exception, if there was one. A part that was cancelled, but not by
  // cancel(), counts as one that has thrown Cancelled: it was dropped by shutdown(discard), say.
  void wait() {
    wait_for_all();
    if (parts_.trouble()) rethrow();
  }

  // Parts that have not started never do; those that run are asked to stop by their tokens. What is run
  // afterwards is not even started. (The closures are destroyed by whoever comes to them, and wait() waits for that.)
  void cancel(std::string_view why = priority::reason::asked) { parts_.cancel(why); }

  // How many parts have failed, of those that were waited for.
  [[nodiscard]] std::size_t failed() const { return parts_.failed(); }

 private:
  template <class F>
  void start(F&& f);
  void wait_for_all() {
    if (!parts_.over()) wait_for_the_rest();
  }
  void wait_for_the_rest();
  void rethrow();

  ThreadPool& pool_;
  const Priority priority_;
  const ThreadPool::Frame home_;  // of the job that has made the group
  Parts parts_;
};

template <class F>
requires priority::Launchable<std::decay_t<F>>
void TaskGroup::run(F&& f) {
  basic::require_callable<std::decay_t<F>>(f);
  if (parts_.cancelled()) return;
  if constexpr (std::invocable<std::decay_t<F>>) {
    start(std::forward<F>(f));
  } else {
    start([f = std::forward<F>(f), token = parts_.token(pool_.job_host()->stopping())]() mutable {
      static_cast<void>(std::invoke(std::move(f), std::as_const(token)));
    });
  }
}

template <class F>
void TaskGroup::start(F&& f) {
  if (home_.number != 0 && pool_.frame() == home_) {
    const auto make = [&] { return Part<std::decay_t<F>>(parts_, true, std::forward<F>(f)); };
    pool_.fork(home_.worker, priority_, parts_, make);
  } else {
    auto* const part = new PartOutside<std::decay_t<F>>(parts_, std::forward<F>(f));
    part->priority = priority_;
    pool_.fork(*part);
  }
}

}  // namespace pool::stealing

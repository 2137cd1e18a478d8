// TaskGroup: parts of a job that are done side by side, and waited for together.
//
//   TaskGroup group(pool);
//   group.run([&] { left = sum(first_half); });
//   group.run([&] { right = sum(second_half); });
//   group.wait();                                   // throws what the first part threw that failed
//
// Each part is a job (stage 03), which takes no room: it may always be forked. In a job of the pool, wait() runs parts
// that nobody has started, the newest first.
// Thread safety: every member may be called from any thread, run() from parts of the group, too; the destructor only when
// nobody else uses the group.
// Invariants:  (G1) wait() returns when every part has ended that was there before, and those that they have added
//              (G2) of the exceptions, the first one is thrown by the next wait(), once; all are counted
//              (G3) no code of the user (parts, destructors of exceptions) runs under the lock
// Memory ordering: what happens before run(f) is visible to f; what f does is visible to whoever returns from wait().
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/job.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace pool::stealing {

class TaskGroup {
 public:
  explicit TaskGroup(ThreadPool& pool, Priority priority = Priority::normal) : forks_{pool}, priority_(priority) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  // Waits; an exception that nobody has asked for is gone. Call wait() first: a part that ends its thread while the
  // destructor runs it ends the program.
  ~TaskGroup();

  // Starts f, which is called with nothing or with the CancelToken of this part. Throws PoolStopped after shutdown,
  // unless it is called by a job of the pool; std::bad_alloc; std::invalid_argument for an empty function.
  template <class F>
  requires priority::Launchable<std::decay_t<F>>
  void run(F&& f);

  // Waits for all parts, then throws the first exception, if there was one. A part that was cancelled, but not by
  // cancel(), counts as one that has thrown Cancelled: it was dropped by shutdown(discard), say.
  void wait();

  // Parts that have not started never do; those that run are asked to stop by their tokens. What is run
  // afterwards is not even started.
  void cancel(std::string_view why = priority::reason::asked);

  // How many parts have failed, of those that were waited for.
  [[nodiscard]] std::size_t failed() const;

 private:
  struct Parts {
    std::vector<Job<void>> started;  // and not known to have ended; the newest last
    std::size_t starting = 0;        // for so many more there is room
    std::size_t tidy_at = 64;        // how many there are when those that have ended are let go
    std::exception_ptr error;        // the first, until it is thrown
    Time error_at{};
    std::size_t failed = 0;
  };

  // What launch() needs of a pool.
  struct Forks {
    ThreadPool& pool;
    void enqueue(UnitPtr unit) const { pool.fork(std::move(unit)); }
    [[nodiscard]] std::shared_ptr<JobHost> job_host() const { return pool.job_host(); }
  };

  void make_room();
  void started(const Job<void>& part);
  void wait_for_all();
  void note(Parts& parts, const Job<void>& ended, std::exception_ptr& replaced) const;

  const Forks forks_;
  const Priority priority_;
  const priority::CancelSource cancel_;
  mutable sync::mutex mutex_;
  sync::cell<Parts> parts_;  // guarded by mutex_
};

template <class F>
requires priority::Launchable<std::decay_t<F>>
void TaskGroup::run(F&& f) {
  basic::require_callable<std::decay_t<F>>(f);
  if (cancel_.is_cancelled()) return;
  const auto start = [this](auto&& work) {
    make_room();  // first: a part that runs has to be known
    Job<void> part;
    {
      const basic::Finally noted{[&] { started(part); }};
      part = priority::launch(forks_, {.priority = priority_}, std::forward<decltype(work)>(work));
    }
    if (cancel_.is_cancelled()) part.cancel(cancel_.token().reason());  // cancel() may have come before it was noted
  };
  if constexpr (std::invocable<std::decay_t<F>>) {
    start([f = std::forward<F>(f)]() mutable { static_cast<void>(std::invoke(std::move(f))); });
  } else {
    start([f = std::forward<F>(f)](const CancelToken& token) mutable {
      static_cast<void>(std::invoke(std::move(f), token));
    });
  }
}

}  // namespace pool::stealing

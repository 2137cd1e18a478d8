// ThreadPool: the pool of stage 05, and it knows what it does: each task has an id, and whoever has that may ask.
//
// What it promises is what the stage's own pool promises of tasks (metrics/include/pool/metrics/thread_pool.hpp), and the
// same contract judges both. You may use task.hpp, errors.hpp, task_ids.hpp, result_text.hpp and histogram.hpp of this
// stage, and your own of all exercises. (If you have begun from your own pool of e35, the members are yours, and not
// those of a class below.)
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/metrics/errors.hpp>
#include <pool/metrics/histogram.hpp>
#include <pool/metrics/result_text.hpp>
#include <pool/metrics/task.hpp>
#include <pool/metrics/task_ids.hpp>
#include <pool/priority/job.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

using Options = pool::autoscale::Options;
using pool::metrics::DuplicateTask;
using pool::metrics::ResultTimeout;
using pool::metrics::TaskInfo;
using pool::metrics::TaskOptions;
using pool::metrics::UnknownTask;
using pool::metrics::WrongResultType;

// The type of what f gives, which is called with nothing or with a CancelToken.
template <class F>
struct LaunchResult : std::invoke_result<F, const pool::priority::CancelToken&> {};
template <std::invocable F>
struct LaunchResult<F> : std::invoke_result<F> {};

// Of all tasks, at one moment: submitted == queued + running + completed + failed + cancelled.
struct TaskSnapshot {
  std::size_t submitted = 0;  // accepted, that is
  std::size_t queued = 0, running = 0, completed = 0, failed = 0, cancelled = 0;
  std::size_t kept = 0;                         // can be asked for: those that have not ended, and the history
  pool::metrics::Distribution wait, execution;  // of those that have run: until they started, and from then on
};

class ThreadPool : public pool::autoscale::ThreadPool {
 public:
  explicit ThreadPool(Options options = {}) : pool::autoscale::ThreadPool(std::move(options)) {}

  static constexpr std::size_t kHistory = 100;  // so many tasks that have ended can be asked for

  // Makes a task of f, which is called with nothing or with a CancelToken, and queues it. Its id is that of the options, or
  // a new one, and job.id() says it. It is known from before it starts. Throws as post does, and DuplicateTask if a task of
  // that id can be asked for; then nothing has happened.
  template <class F>
  requires pool::priority::Launchable<std::decay_t<F>>
  [[nodiscard]] auto submit_task(TaskOptions options, F&& f) {
    using R = typename LaunchResult<std::decay_t<F>>::type;
    static_cast<void>(options);
    static_cast<void>(f);
    return (POOL_TODO("a record, a job that knows it (pool::priority::make_job_of), both into the registry, enqueue()"),
            pool::priority::Job<R>());
  }

  // What is known about a task. Throws UnknownTask.
  [[nodiscard]] TaskInfo task_info(std::string_view id) const {
    static_cast<void>(id);
    POOL_TODO("what the job knows of itself, and what the registry knows beside that");
  }

  // The newest ones, the newest first.
  [[nodiscard]] std::vector<TaskInfo> newest_tasks(std::size_t limit) const {
    std::vector<TaskInfo> tasks;
    static_cast<void>(limit);
    POOL_TODO("in the order in which they were handed in, backwards");
    return tasks;
  }

  // Asks it to stop: queued, it is cancelled at once; running, its token is. False: it had ended. Throws UnknownTask.
  bool cancel_task(std::string_view id, std::string_view why) {
    static_cast<void>(id);
    static_cast<void>(why);
    POOL_TODO("its job can do that");
  }

  // Waits for it so long, and gives a copy of its result, also if somebody has taken the job's own away. Throws UnknownTask;
  // WrongResultType, at once; ResultTimeout; what the task threw, or pool::priority::Cancelled.
  template <class R>
  [[nodiscard]] R task_result(std::string_view id, pool::priority::Duration timeout) const {
    static_cast<void>(id);
    static_cast<void>(timeout);
    POOL_TODO("the right type? Then wait; then a copy, which you have made when?");
  }

  // The same as text, whatever its type is: see pool::metrics::text_of.
  [[nodiscard]] std::string task_text(std::string_view id, pool::priority::Duration timeout) const {
    static_cast<void>(id);
    static_cast<void>(timeout);
    POOL_TODO("who knows the type, and when?");
  }

  // Numbers that do not contradict each other.
  [[nodiscard]] TaskSnapshot task_snapshot() const {
    POOL_TODO("under one lock, or in an order that you can defend");
  }
};

}  // namespace exercise

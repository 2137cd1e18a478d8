// ThreadPool: the pool of room metrics, and what this room adds, as members; each of them makes tasks that the registry
// knows.
//
//   ThreadPool pool({.min_workers = 2, .max_workers = 20});
//   Job<Text> text = pool.submit(TaskOptions{.id = "read"}, read);
//   Job<Tree> tree = pool.after({"read"}, {.name = "parse"}, parse);          // by id, or by handle: {text}
//   Periodic saving = pool.every(30s, {.name = "save"}, save);
//   Job<Size> size = pool.submit(TaskOptions{.name = "fetch"}, fetch(pool, url));  // a Coroutine<Size>
//   GraphRun run = pool.run(graph);
//
// Thread safety, memory ordering, fork, static destruction: as the pool below; and see after.hpp, every.hpp,
// coroutine.hpp, group.hpp, task_graph.hpp for what is said of each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <pool/flow/after.hpp>
#include <pool/flow/any_job.hpp>
#include <pool/flow/every.hpp>
#include <pool/flow/group.hpp>
#include <pool/flow/launch.hpp>
#include <pool/flow/task_graph.hpp>
#include <pool/metrics/thread_pool.hpp>

namespace pool::flow {

using metrics::TaskInfo;
using metrics::TaskOptions;

// What a task waits for: a job, or the task of an id.
class Dependency {
 public:
  template <class R>
  Dependency(Job<R> job) : of_(AnyJob(std::move(job))) {}    // NOLINT(google-explicit-constructor)
  Dependency(AnyJob job) : of_(std::move(job)) {}            // NOLINT(google-explicit-constructor)
  Dependency(std::string id) : of_(std::move(id)) {}         // NOLINT(google-explicit-constructor)
  Dependency(std::string_view id) : of_(std::string(id)) {}  // NOLINT(google-explicit-constructor)
  Dependency(const char* id) : of_(std::string(id)) {}       // NOLINT(google-explicit-constructor)

 private:
  friend class ThreadPool;
  std::variant<AnyJob, std::string> of_;
};

class ThreadPool : public metrics::ThreadPool {
 public:
  using metrics::ThreadPool::ThreadPool;

  using metrics::ThreadPool::submit;
  // A coroutine as a task. Throws as submit() does, and std::invalid_argument for one that was moved from.
  template <class T>
  [[nodiscard]] Job<T> submit(TaskOptions options, Coroutine<T> coroutine);

  // A task that starts when others have completed. Throws as submit() does, and UnknownTask.
  template <class F>
  requires Launchable<std::decay_t<F>>
  [[nodiscard]] auto after(const std::vector<Dependency>& dependencies, TaskOptions options, F&& f) {
    const std::vector<AnyJob> jobs = found(dependencies);
    return held_job(job_host(), make_task(std::move(options), std::forward<F>(f)), jobs);
  }
  // One that starts after a delay, or at a time of the pool's clock. Throws std::invalid_argument for a negative delay.
  template <class F>
  requires Launchable<std::decay_t<F>>
  [[nodiscard]] auto after(Duration delay, TaskOptions options, F&& f) {
    return at(later(*job_host(), delay), std::move(options), std::forward<F>(f));
  }
  template <class F>
  requires Launchable<std::decay_t<F>>
  [[nodiscard]] auto at(Time time, TaskOptions options, F&& f) {
    return timed_job(job_host(), make_task(std::move(options), std::forward<F>(f)), time);
  }
  // One that is repeated.
  template <class F>
  requires Launchable < std::decay_t<F>
  & > Periodic every(Duration period, TaskOptions options, F&& f, Missed missed = Missed::skip) {
    return repeated(period, std::move(options), missed, tick_of(std::forward<F>(f)));
  }

  // f(item) for each item, as tasks. An id, if there is one, gets " 0", " 1" and so on, as the name does.
  template <std::ranges::input_range Range, class F>
  [[nodiscard]] auto submit_batch(Range&& items, const TaskOptions& options, F&& f);

  // Each node as a task. Throws as TaskGraph::run() does.
  [[nodiscard]] GraphRun run(const TaskGraph& graph);

  // For a Coroutine.
  [[nodiscard]] Schedule<ThreadPool> schedule() { return flow::schedule(*this); }
  [[nodiscard]] Delay delay(Duration duration) { return flow::delay(*this, duration); }

 private:
  [[nodiscard]] static TaskOptions task_options(JobOptions options);
  [[nodiscard]] std::vector<AnyJob> found(const std::vector<Dependency>& dependencies) const;
  [[nodiscard]] Periodic repeated(Duration period, TaskOptions options, Missed missed, Ticker::Work work);
};

template <class T>
Job<T> ThreadPool::submit(TaskOptions options, Coroutine<T> coroutine) {
  if (!coroutine) throw std::invalid_argument("pool: the coroutine was moved from; there is nothing to submit");
  const Priority priority = priority::priority_from(static_cast<int>(options.priority));
  auto [job, producer] = make_task<T>(std::move(options));
  begin(*this, std::move(coroutine), job, std::move(producer), priority);
  return std::move(job);
}

template <std::ranges::input_range Range, class F>
auto ThreadPool::submit_batch(Range&& items, const TaskOptions& options, F&& f) {
  return batch_of<Range>(std::forward<Range>(items), std::forward<F>(f), [&](std::size_t number, auto&& work) {
    TaskOptions one = options;
    if (!one.name.empty()) one.name += " " + std::to_string(number);
    if (!one.id.empty()) one.id += " " + std::to_string(number);
    return submit(std::move(one), std::forward<decltype(work)>(work));
  });
}

static_assert(basic::Executor<ThreadPool>);
static_assert(bounded::BoundedExecutor<ThreadPool>);
static_assert(FlowExecutor<ThreadPool>);

}  // namespace pool::flow

// ThreadPool: the pool of stage 05, and it knows what it does.
//
//   ThreadPool pool({.min_workers = 2, .max_workers = 20});
//   Job<int> job = pool.submit(TaskOptions{.name = "count", .metadata = {{"file", "a.txt"}}}, [] { return 42; });
//   std::string id = to_string(job.id());                   // a UUID; it may be asked for by that, by anybody:
//   pool.task(id).state;                                    // … queued, running, completed
//   pool.get_task_result<int>(id, std::chrono::seconds(5));
//   pool.stats().execution.quantile(0.99);                  // of all tasks
//
// A task is a job that the registry knows: work that is submitted with TaskOptions, made a task, or entered. Other work
// (post, submit without them, launch) is counted, and no more.
//
// Thread safety, memory ordering: as stage 05; every member may be called from any thread.
// Invariants:  (P1) to (P12) as there; and
//              (P13) a task's state is its job's: the two cannot differ
//              (P14) of the tasks that have ended, the last `history` are known, however many there were
//              (P15) a submit that throws has left no task behind, and driven none out
//              (P16) nothing here takes a lock that a worker needs between two jobs
//              (P17) the numbers of one snapshot do not contradict each other: see Stats
// Fork: a child process has none of the threads; the locks may be held by threads that it does not have. It must use
// nothing of the pool, nor destroy it: exec or _exit.
// Static destruction: a pool with static storage duration is destroyed after main() has returned, and waits for its
// jobs then; these, its hooks and its clock must use nothing that was destroyed before: what was made after the pool.
// Call shutdown() at the end of main() instead. After that, the destructor waits for nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/metrics/errors.hpp>
#include <pool/metrics/instruments.hpp>
#include <pool/metrics/options.hpp>
#include <pool/metrics/record.hpp>
#include <pool/metrics/stats.hpp>
#include <pool/metrics/task.hpp>
#include <pool/metrics/task_work.hpp>

namespace pool::metrics {

using autoscale::Events;
using basic::PoolStopped;
using basic::Shutdown;
using basic::Work;
using bounded::PoolStats;
using bounded::QueueFull;
using priority::JobCore;
using priority::JobOptions;
using priority::JobRef;
using priority::JobResult;
using priority::Totals;
using stealing::Scheduling;

struct Instrumented {  // below the pool, since its workers use it from their first moment to their last
  std::shared_ptr<Instruments> instruments;
};

class ThreadPool : private Instrumented, public autoscale::ThreadPool {
 public:
  using Options = metrics::Options;

  // Throws as that of stage 05 does.
  explicit ThreadPool(Options options = {});
  ~ThreadPool() override;

  // --- tasks --------------------------------------------------------------------------------------------------------
  // Work that is no task: as in the stages below.
  using autoscale::ThreadPool::submit;

  // Makes a task of f, which is called with nothing or with a CancelToken, and queues it. The job's id() is the task's.
  // Throws as post does, and DuplicateTask; then nothing has happened. (Say TaskOptions{}, not {}, for none of them.)
  template <class F>
  requires priority::Launchable<std::decay_t<F>>
  [[nodiscard, gnu::noinline]] auto submit(TaskOptions options, F&& f);

  // The same, but it is not queued yet: for work that has to wait for other work, or for a moment. It counts as queued
  // from now on; it runs when it is given to enqueue() or to job_host()->follow_up(). If it never will be, drop() it.
  template <class F>
  requires priority::Launchable<std::decay_t<F>>
  [[nodiscard]] auto make_task(TaskOptions options, F&& f);

  // A task whose work is done by something else than a closure on a thread: a process, a machine. It ends through the
  // producer.
  template <class R>
  [[nodiscard]] std::pair<Job<R>, TaskProducer<R>> make_task(TaskOptions options);

  // Keeps a job of somebody else as a task, under the text of job.id(), until it has ended and left the history. Throws
  // DuplicateTask. Its result is read where the job has it: so no handle may be given up for it, std::move(job).get(),
  // unless it can be copied bit by bit; make_task() has no such limit.
  template <class R>
  void enter(const Job<R>& job, std::string executor);

  // A text that is no task's id, and that this pool gives to no other: for a job that will be entered.
  [[nodiscard]] std::string new_id();

  // What is known about a task. Throws UnknownTask.
  [[nodiscard]] TaskInfo task(std::string_view id) const;
  // The newest ones, the newest first.
  [[nodiscard]] std::vector<TaskInfo> tasks(std::size_t limit = 100, const TaskFilter& filter = {}) const;
  // Forgets all that have ended; how many these were.
  std::size_t clear_completed();
  // Asks it to stop: queued, it is cancelled at once; running, its token is. False: it had ended. Throws UnknownTask.
  bool cancel(std::string_view id, std::string_view why = priority::reason::asked);

  // Waits for the task so long, and gives a copy of its result, or the result as text. In a job of the pool, it waits
  // as Job::get() does. Throws UnknownTask; WrongResultType, at once; ResultTimeout; what the task threw, or Cancelled;
  // std::invalid_argument for a negative timeout.
  template <class R>
  [[nodiscard]] R get_task_result(std::string_view id, Duration timeout);
  [[nodiscard]] std::string get_task_result(std::string_view id, Duration timeout);

  // --- the pool -----------------------------------------------------------------------------------------------------
  // Workers finish what they run, and start nothing until resume(). (One that is just beginning a job may still do so;
  // and a job that waits for another one, or has forked it, may run that.) Work is taken in all the while; wait_idle()
  // waits until it is done, so somebody has to resume(). shutdown(), and the destructor, resume.
  void pause();
  void resume();
  [[nodiscard]] bool paused() const { return paused_.load(std::memory_order_acquire); }

  // A snapshot. It takes no lock that a worker needs between two jobs, and disturbs nobody.
  [[nodiscard]] Stats stats() const;

  // What the workers did lately, as Chrome's trace JSON: see Trace. Throws PoolError if Options::trace is 0.
  [[nodiscard]] std::string trace_json() const;

 protected:
  [[nodiscard]] std::shared_ptr<Record> find(std::string_view id) const;  // or throws UnknownTask

 private:
  explicit ThreadPool(std::shared_ptr<Instruments> made);
  template <class R>
  friend class TaskProducer;
  template <class F>
  auto make_record(TaskOptions options, F&& f);
  [[nodiscard]] static JobOptions job_options(TaskOptions&& options, const Registry& registry, const Record& record);
  // Until it has ended; throws ResultTimeout, what the task threw, or Cancelled.
  void wait_for(const Record& record, std::string_view id, Duration timeout) const;
  void tell_bounds(Stats::Pool& pool) const;
  void keep_entered(const std::shared_ptr<Record>& record);

  const Time begun_;
  sync::mutex pausing_;  // held by whoever pauses or resumes
  sync::atomic<bool> paused_{false};
};

// --- bodies of templates --------------------------------------------------------------------------------------------

// Record and job of f, which know each other; nobody else knows them yet.
template <class F>
auto ThreadPool::make_record(TaskOptions options, F&& f) {
  using Closure = std::decay_t<F>;
  using R = priority_result_of<Closure>;
  basic::require_callable<Closure>(f);
  auto record = instruments->registry.make<R>(std::move(options.id), std::move(options.executor));
  JobRef<JobResult<R>> core =
      priority::make_job_of(job_host(), job_options(std::move(options), instruments->registry, *record),
                            TaskWork<R, Closure>(*this, instruments, record, std::forward<F>(f)));
  bool complete = false;
  const basic::Finally failed{[&] {
    if (!complete) static_cast<void>(core->drop(priority::reason::asked));  // its closure, which holds the record, goes
  }};
  record->set(Job<R>(core), core->submitted());
  core->on_end([shared = instruments, record](const JobCore&) { shared->registry.ended(*record); });
  complete = true;
  return std::pair(std::move(record), std::move(core));
}

template <class F>
requires priority::Launchable<std::decay_t<F>>
auto ThreadPool::submit(TaskOptions options, F&& f) {
  auto [record, core] = make_record(std::move(options), std::forward<F>(f));
  bool queued = false;
  const basic::Finally refused{[&, &record = record, &core = core] {
    if (queued) return;
    instruments->registry.refuse(*record);
    static_cast<void>(core->drop(priority::reason::asked));  // nobody has a handle
  }};
  instruments->registry.insert(record);
  core->retain();
  enqueue(priority::UnitPtr(&*core));
  queued = true;
  instruments->registry.accept(*record);
  return Job(std::move(core));
}

template <class F>
requires priority::Launchable<std::decay_t<F>>
auto ThreadPool::make_task(TaskOptions options, F&& f) {
  auto [record, core] = make_record(std::move(options), std::forward<F>(f));
  bool kept = false;
  const basic::Finally refused{[&, &core = core] {
    if (!kept) static_cast<void>(core->drop(priority::reason::asked));
  }};
  instruments->registry.insert(record);
  kept = true;
  instruments->registry.accept(*record);
  return std::move(core);
}

template <class R>
std::pair<Job<R>, TaskProducer<R>> ThreadPool::make_task(TaskOptions options) {
  auto record = instruments->registry.make<R>(std::move(options.id), std::move(options.executor));
  JobRef<JobResult<R>> core(
      new JobResult<R>(job_options(std::move(options), instruments->registry, *record), job_host()));
  priority::JobProducer<R> producer(core);
  core->watch();
  record->set(Job<R>(core), core->submitted());
  keep_entered(record);
  return {Job<R>(std::move(core)), TaskProducer<R>(std::move(producer), std::move(record))};
}

template <class R>
void ThreadPool::enter(const Job<R>& job, std::string executor) {
  const priority::JobInfo info = job.info();
  auto record = instruments->registry.make<R>(to_string(info.id), std::move(executor));
  record->set(job, info.submitted);
  keep_entered(record);
}

template <class R>
R ThreadPool::get_task_result(std::string_view id, Duration timeout) {
  const std::shared_ptr<Record> record = find(id);
  const auto* const typed = dynamic_cast<const RecordOf<R>*>(record.get());
  if (typed == nullptr) throw WrongResultType(id, type_text(record->type()), type_text(typeid(R)));
  wait_for(*record, id, timeout);
  if constexpr (!std::is_void_v<R>) return typed->value();
}

static_assert(basic::Executor<ThreadPool>);
static_assert(bounded::BoundedExecutor<ThreadPool>);
static_assert(priority::PriorityExecutor<ThreadPool>);

}  // namespace pool::metrics

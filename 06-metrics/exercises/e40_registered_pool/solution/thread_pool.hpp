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
// #todo
#include <any>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
// #end

#include <pool/autoscale/thread_pool.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/metrics/errors.hpp>
#include <pool/metrics/histogram.hpp>
#include <pool/metrics/result_text.hpp>
#include <pool/metrics/task.hpp>
#include <pool/metrics/task_ids.hpp>
#include <pool/priority/job.hpp>

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
// #todo

// A task, as the registry keeps it. The job knows its state; the result is here a second time, for whoever has a handle may
// take the job's own away: std::move(job).get().
struct TaskRecord {
  std::uint64_t number;
  std::string id;
  const std::type_info* type;  // of the result
  std::string executor;
  pool::priority::JobRef<pool::priority::JobCore> job = {};  // set before anybody else knows the record
  bool ran = false;                                          // guarded by the registry's lock

  // Written by whoever runs the job, before it has ended.
  std::any value = {};
  std::exception_ptr no_value = {};  // why it could not be copied
  std::string text = {};

  template <class V>
  void keep(const V& result) {
    using Value = std::decay_t<V>;
    if constexpr (std::copy_constructible<Value>) {
      no_value = pool::basic::catching([&] { value.emplace<Value>(result); });
    }
    const std::exception_ptr error = pool::basic::catching([&] { text = pool::metrics::text_of<Value>(result); });
    if (error) text = "(cannot be shown: " + pool::metrics::error_text(error) + ")";
  }
  template <class R>
  [[nodiscard]] std::decay_t<R> result() const {
    if (no_value) std::rethrow_exception(no_value);
    return std::any_cast<const std::decay_t<R>&>(value);
  }

  [[nodiscard]] TaskInfo info() const {
    pool::priority::JobInfo seen = job->info();
    TaskInfo info;
    info.id = id;
    info.name = std::move(seen.name);
    info.state = seen.state;
    info.priority = seen.priority;
    info.submitted = seen.submitted;
    info.started = seen.started;
    info.finished = seen.finished;
    info.worker = seen.worker;
    info.reason = std::move(seen.reason);
    info.metadata = std::move(seen.metadata);
    info.executor = executor;
    if (seen.state == pool::priority::JobState::completed) info.result = text;
    if (seen.state == pool::priority::JobState::failed) info.exception = pool::metrics::error_text(seen.error);
    return info;
  }
};

// All tasks that have not ended, and the last ones of those that have. One lock; no code of the user runs under it, so what
// is forgotten is destroyed without it.
class TaskRegistry {
 public:
  using Record = std::shared_ptr<TaskRecord>;
  explicit TaskRegistry(std::size_t history) : history_(history) {}

  [[nodiscard]] Record make(std::string id, const std::type_info& type, std::string executor) {
    const std::uint64_t number = ids_.next();
    if (id.empty()) id = ids_.text(number);
    return std::make_shared<TaskRecord>(TaskRecord{number, std::move(id), &type, std::move(executor)});
  }

  void insert(const Record& record) {
    const std::lock_guard lock(mutex_);
    if (!by_id_.emplace(record->id, record).second) throw DuplicateTask(record->id);
    bool inserted = false;
    const pool::basic::Finally failed{[&] {
      if (!inserted) by_id_.erase(record->id);
    }};
    by_number_.emplace(record->number, record);
    inserted = true;
    ++counts_.submitted;
    ++counts_.queued;
  }

  // As if it had never been there; also if it has ended meanwhile, which it does when it is dropped.
  void refuse(const Record& record) {
    const std::lock_guard lock(mutex_);
    if (by_number_.erase(record->number) == 0) return;
    by_id_.erase(record->id);
    --counts_.submitted;
    --counts_.queued;
  }

  void started(TaskRecord& record) {
    const std::lock_guard lock(mutex_);
    record.ran = true;
    --counts_.queued;
    ++counts_.running;
  }

  void ended(const Record& record) {
    const pool::priority::JobInfo info = record->job->info();
    Record forgotten;
    const std::lock_guard lock(mutex_);
    if (!by_number_.contains(record->number)) return;  // it was refused
    --(record->ran ? counts_.running : counts_.queued);
    if (info.state == pool::priority::JobState::completed) ++counts_.completed;
    if (info.state == pool::priority::JobState::failed) ++counts_.failed;
    if (info.state == pool::priority::JobState::cancelled) ++counts_.cancelled;
    if (record->ran && info.started && info.finished) {
      wait_.add(*info.started - info.submitted);
      execution_.add(*info.finished - *info.started);
    }
    ended_.push_back(record->number);
    if (ended_.size() > history_) forgotten = forget(ended_.front());
  }

  [[nodiscard]] Record find(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(std::string(id));
    if (found == by_id_.end()) throw UnknownTask(id);
    return found->second;
  }

  [[nodiscard]] std::vector<Record> newest(std::size_t limit) const {
    std::vector<Record> found;
    const std::lock_guard lock(mutex_);
    for (auto at = by_number_.rbegin(); at != by_number_.rend() && found.size() < limit; ++at) {
      found.push_back(at->second);
    }
    return found;
  }

  [[nodiscard]] TaskSnapshot snapshot() const {
    const std::lock_guard lock(mutex_);
    TaskSnapshot snapshot = counts_;
    snapshot.kept = by_number_.size();
    wait_.add_to(snapshot.wait);
    execution_.add_to(snapshot.execution);
    return snapshot;
  }

 private:
  // With the lock held: the one that ended first. Given to the caller, who destroys it without.
  [[nodiscard]] Record forget(std::uint64_t number) {
    ended_.pop_front();
    const auto found = by_number_.find(number);
    Record forgotten = std::move(found->second);
    by_number_.erase(found);
    by_id_.erase(forgotten->id);
    return forgotten;
  }

  const std::size_t history_;
  pool::metrics::TaskIds ids_;
  mutable std::mutex mutex_;  // guards all that follows
  std::map<std::uint64_t, Record> by_number_;
  std::unordered_map<std::string, Record> by_id_;
  std::deque<std::uint64_t> ended_;  // in the order in which they did
  TaskSnapshot counts_;              // but for what snapshot() adds
  pool::metrics::Histogram wait_, execution_;
};

// What a worker runs: the task's function, with a word before it and its result kept.
template <class R, class F>
class TaskWork {
 public:
  TaskWork(std::shared_ptr<TaskRegistry> registry, TaskRegistry::Record record, F f)
      : registry_(std::move(registry)), record_(std::move(record)), f_(std::move(f)) {}

  R operator()() requires std::invocable<F> { return run(); }
  R operator()(const pool::priority::CancelToken& token) requires(!std::invocable<F>) { return run(token); }

 private:
  template <class... Token>
  R run(const Token&... token) {
    registry_->started(*record_);
    if constexpr (std::is_void_v<R>) {
      std::invoke(std::move(f_), token...);
    } else {
      R result = std::invoke(std::move(f_), token...);
      record_->keep(result);
      return static_cast<R&&>(result);
    }
  }

  std::shared_ptr<TaskRegistry> registry_;
  TaskRegistry::Record record_;
  F f_;
};
// #end

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
    // #todo
    const auto record = registry_->make(std::move(options.id), typeid(R), std::move(options.executor));
    pool::priority::JobOptions job_options{.name = std::move(options.name),
                                           .priority = options.priority,
                                           .deadline = options.deadline,
                                           .timeout = options.timeout,
                                           .token = std::move(options.token),
                                           .metadata = std::move(options.metadata),
                                           .id = record->id};
    using Closure = TaskWork<R, std::decay_t<F>>;
    auto core =
        pool::priority::make_job_of(job_host(), std::move(job_options), Closure(registry_, record, std::forward<F>(f)));
    record->job = pool::priority::JobRef<pool::priority::JobCore>::share(*core);
    bool queued = false, inserted = false;
    const pool::basic::Finally refused{[&] {
      if (queued) return;
      if (inserted) registry_->refuse(record);
      static_cast<void>(core->drop(pool::priority::reason::asked));  // nobody has a handle
      record->job = {};
    }};
    registry_->insert(record);
    inserted = true;
    core->on_end([registry = registry_, record](const pool::priority::JobCore&) { registry->ended(record); });
    core->retain();
    enqueue(pool::priority::UnitPtr(&*core));
    queued = true;
    return pool::priority::Job<R>(std::move(core));
    // #instead
    // static_cast<void>(options);
    // static_cast<void>(f);
    // return (POOL_TODO("a record, a job that knows it (pool::priority::make_job_of), both into the registry, enqueue()"),
    //         pool::priority::Job<R>());
    // #end
  }

  // What is known about a task. Throws UnknownTask.
  [[nodiscard]] TaskInfo task_info(std::string_view id) const {
    // #todo
    return registry_->find(id)->info();
    // #instead
    // static_cast<void>(id);
    // POOL_TODO("what the job knows of itself, and what the registry knows beside that");
    // #end
  }

  // The newest ones, the newest first.
  [[nodiscard]] std::vector<TaskInfo> newest_tasks(std::size_t limit) const {
    std::vector<TaskInfo> tasks;
    // #todo
    for (const auto& record : registry_->newest(limit)) tasks.push_back(record->info());
    // #instead
    // static_cast<void>(limit);
    // POOL_TODO("in the order in which they were handed in, backwards");
    // #end
    return tasks;
  }

  // Asks it to stop: queued, it is cancelled at once; running, its token is. False: it had ended. Throws UnknownTask.
  bool cancel_task(std::string_view id, std::string_view why) {
    // #todo
    return registry_->find(id)->job->cancel(why);
    // #instead
    // static_cast<void>(id);
    // static_cast<void>(why);
    // POOL_TODO("its job can do that");
    // #end
  }

  // Waits for it so long, and gives a copy of its result, also if somebody has taken the job's own away. Throws UnknownTask;
  // WrongResultType, at once; ResultTimeout; what the task threw, or pool::priority::Cancelled.
  template <class R>
  [[nodiscard]] R task_result(std::string_view id, pool::priority::Duration timeout) const {
    // #todo
    const auto record = registry_->find(id);
    if (*record->type != typeid(R)) {
      throw WrongResultType(id, pool::metrics::type_text(*record->type), pool::metrics::type_text(typeid(R)));
    }
    wait_for(*record, timeout);
    if constexpr (!std::is_void_v<R>) return record->template result<R>();
    // #instead
    // static_cast<void>(id);
    // static_cast<void>(timeout);
    // POOL_TODO("the right type? Then wait; then a copy, which you have made when?");
    // #end
  }

  // The same as text, whatever its type is: see pool::metrics::text_of.
  [[nodiscard]] std::string task_text(std::string_view id, pool::priority::Duration timeout) const {
    // #todo
    const auto record = registry_->find(id);
    wait_for(*record, timeout);
    return record->text;
    // #instead
    // static_cast<void>(id);
    // static_cast<void>(timeout);
    // POOL_TODO("who knows the type, and when?");
    // #end
  }

  // Numbers that do not contradict each other.
  [[nodiscard]] TaskSnapshot task_snapshot() const {
    // #todo
    return registry_->snapshot();
    // #instead
    // POOL_TODO("under one lock, or in an order that you can defend");
    // #end
  }
  // #todo

 private:
  static void wait_for(const TaskRecord& record, pool::priority::Duration timeout) {
    if (!record.job->wait(pool::bounded::Deadline::after(timeout))) {
      throw ResultTimeout(record.id, to_string(record.job->state()));
    }
    if (record.job->state() != pool::priority::JobState::completed) record.job->wait_for_result();  // which throws
  }

  // Jobs share it: they may end after the pool has gone, and say so.
  const std::shared_ptr<TaskRegistry> registry_ = std::make_shared<TaskRegistry>(kHistory);
  // #end
};

}  // namespace exercise

// #todo
// Why the state is not in the record. The job has one. A second one beside it could only be a copy, which is late, and then
// two parts of the program say different things about one task. The record has what the job has not: the result as text, a
// copy of it, its type.
//
// Why a copy, and when. `std::move(job).get()` takes the result out of the job; after that, whoever asks by id would find a
// moved-from value. Who runs the task makes copy and text, before the job has ended: later would be too late, since the
// handle may be given up in the very moment of the end. Both are code of the user's, and may throw. The task has completed
// all the same; whoever asks for the copy hears why there is none.
//
// Why the record is inserted before the job is queued. The job may run, and end, before enqueue() has returned, and may ask
// for itself. For that, there is a way back: a pool that is full throws, and then the record goes. It is taken out first and
// the job dropped after that, so that the end of a task that never was finds no record and counts nothing.
//
// Why `forgotten` stands before the lock. Locals are destroyed in the reverse order: first the lock goes, then the record,
// and with it a result whose destructor may do anything, ask this pool for instance.
//
// Why shared. A handle may outlive the pool, and cancel a job that was never run; the job's end tells the registry.
//
// What it has not. One lock for all: our own pool has shards, and takes for each task the two locks that nobody else wants
// in that moment; and it counts without a lock, in the order of e37. Where 30,000 tasks a second are much, this is enough.
// #end

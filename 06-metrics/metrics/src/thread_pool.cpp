#include <pool/metrics/thread_pool.hpp>

#include <algorithm>
#include <mutex>

namespace pool::metrics {

namespace {

constexpr std::size_t kLeast = 2, kMost = 20;  // S5.1, where one of the two is given

}  // namespace

ThreadPool::ThreadPool(Options options) : ThreadPool(std::make_shared<Instruments>(std::move(options))) {}

ThreadPool::ThreadPool(std::shared_ptr<Instruments> made)
    : Instrumented{std::move(made)}, autoscale::ThreadPool(instruments->below()), begun_(clock().now()) {}

// As in stage 05; and before this part of it is gone.
ThreadPool::~ThreadPool() {
  end();
  instruments->shut();
}

// --- tasks --------------------------------------------------------------------------------------------------------

JobOptions ThreadPool::job_options(TaskOptions&& options, const Registry& registry, const Record& record) {
  return {.name = std::move(options.name),
          .priority = options.priority,
          .deadline = options.deadline,
          .timeout = options.timeout,
          .token = std::move(options.token),
          .metadata = std::move(options.metadata),
          .id = registry.id_of(record)};
}

void ThreadPool::keep_entered(const std::shared_ptr<Record>& record) {
  instruments->registry.insert(record);
  instruments->entered();
  bool kept = false;
  const basic::Finally refused{[&] {
    if (kept) return;
    instruments->registry.refuse(*record);
    instruments->not_entered();
  }};
  record->on_end([shared = instruments, record](const JobCore& job) {
    shared->entered_ended(job.state());
    shared->registry.ended(*record);
  });
  kept = true;
  instruments->registry.accept(*record);
}

std::shared_ptr<Record> ThreadPool::find(std::string_view id) const {
  std::shared_ptr<Record> record = instruments->registry.find(id);
  if (!record) throw UnknownTask(id);
  return record;
}

std::string ThreadPool::new_id() {
  TaskIds& ids = instruments->registry.ids();
  return ids.text(ids.next());
}

TaskInfo ThreadPool::task(std::string_view id) const {
  return instruments->info(*find(id));
}

std::vector<TaskInfo> ThreadPool::tasks(std::size_t limit, const TaskFilter& filter) const {
  const auto passes = [&](const Record& record) {
    return (!filter.state || record.state() == *filter.state) &&
           (filter.executor.empty() || record.executor == filter.executor) &&
           (filter.name_contains.empty() || record.name().find(filter.name_contains) != std::string::npos);
  };
  std::vector<TaskInfo> tasks;
  for (const auto& record : instruments->registry.newest(limit, passes)) tasks.push_back(instruments->info(*record));
  return tasks;
}

std::size_t ThreadPool::clear_completed() {
  return instruments->registry.clear_completed();
}

bool ThreadPool::cancel(std::string_view id, std::string_view why) {
  return find(id)->cancel(why);
}

void ThreadPool::wait_for(const Record& record, std::string_view id, Duration timeout) const {
  if (!record.wait_for(timeout)) throw ResultTimeout(id, to_string(record.state()));
  if (record.state() != JobState::completed) record.rethrow();
}

std::string ThreadPool::get_task_result(std::string_view id, Duration timeout) {
  const std::shared_ptr<Record> record = find(id);
  wait_for(*record, id, timeout);
  return record->result_text();
}

// --- the pool -----------------------------------------------------------------------------------------------------

void ThreadPool::pause() {
  const std::lock_guard lock(pausing_);
  paused_.store(true, std::memory_order_release);
  scheduler().pause();
}

void ThreadPool::resume() {
  const std::lock_guard lock(pausing_);
  paused_.store(false, std::memory_order_release);
  scheduler().resume();
}

std::string ThreadPool::trace_json() const {
  if (instruments->options().trace != 0) return instruments->trace_json();
  throw PoolError("pool: nothing is traced; give Options::trace, the number of events to keep for each worker");
}

// As the pool below takes them.
void ThreadPool::tell_bounds(Stats::Pool& pool) const {
  const Options& options = instruments->options();
  const bool scales = options.min_workers != 0 || options.max_workers != 0;
  const std::size_t most = options.max_workers != 0 ? options.max_workers : std::max(kMost, options.min_workers);
  const std::size_t least = options.min_workers != 0 ? options.min_workers : std::min(kLeast, most);
  const std::size_t fixed = options.workers != 0 ? options.workers : default_workers();
  pool.min_workers = scales ? least : fixed;
  pool.max_workers = scales ? most : fixed;
}

Stats ThreadPool::stats() const {
  const Options& options = instruments->options();
  Stats stats;
  instruments->add_to(stats);

  // First what the workers have done, then the pool, which has had that done.
  const std::vector<Scheduling> scheduling = this->scheduling();
  const PoolStats workers = worker_stats();
  const std::vector<bool> alive = manned();
  stats.workers.resize(workers.workers.size());
  for (std::size_t i = 0; i < stats.workers.size(); ++i) {
    const bounded::WorkerStats& counted = workers.workers[i];
    Stats::Worker& worker = stats.workers[i];
    worker.id = i;
    worker.name = basic::thread_name(options.name, i);
    worker.queue_size = scheduler().size(i);
    worker.completed = counted.completed - counted.failed - counted.cancelled;
    worker.failed = counted.failed;
    worker.cancelled = counted.cancelled;
    worker.total_time = counted.busy + counted.running;
    worker.idle_time = counted.idle;
    instruments->never_less(i, worker.total_time, worker.idle_time);
    worker.busy = counted.running > Duration::zero();
    worker.alive = i < alive.size() && alive[i];
    if (i < scheduling.size()) {
      worker.steals = scheduling[i].steals;
      worker.parks = scheduling[i].parks;
      worker.wakeups = scheduling[i].wakeups;
      worker.injector_takes = scheduling[i].injector_takes;
    }
    if (const std::uint64_t task = instruments->current(i)) {
      if (const auto record = instruments->registry.find(task)) {
        worker.current_task = instruments->registry.id_of(*record);
      }
    }
  }

  const Totals totals = this->totals();
  stats.pool.name = options.name;
  stats.pool.workers = static_cast<std::size_t>(std::count(alive.begin(), alive.end(), true));
  tell_bounds(stats.pool);
  stats.pool.metrics = options.metrics;
  stats.pool.paused = paused();
  stats.pool.submitted = totals.submitted;
  stats.pool.completed = totals.completed;
  stats.pool.failed = totals.failed;
  stats.pool.cancelled = totals.cancelled;
  stats.pool.active = totals.active;
  stats.pool.pending = totals.pending;
  stats.pool.rejected = totals.rejected;
  stats.pool.kept = instruments->registry.size();
  stats.pool.uptime = clock().now() - begun_;
  if (totals.submitted != 0) {
    stats.pool.success_rate = 100.0 * static_cast<double>(totals.completed) / static_cast<double>(totals.submitted);
  }
  stats.pool.mean_task_time = stats.execution.count() != 0 ? stats.execution.mean() : workers.mean_job();
  return stats;
}

}  // namespace pool::metrics

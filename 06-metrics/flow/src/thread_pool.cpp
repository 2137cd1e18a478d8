#include <pool/flow/thread_pool.hpp>

#include <pool/metrics/record.hpp>

namespace pool::flow {

std::vector<AnyJob> ThreadPool::found(const std::vector<Dependency>& dependencies) const {
  std::vector<AnyJob> jobs;
  jobs.reserve(dependencies.size());
  for (const Dependency& dependency : dependencies) {
    if (const auto* const job = std::get_if<AnyJob>(&dependency.of_)) {
      jobs.push_back(*job);
    } else {
      jobs.push_back(AnyJob::of_task(find(std::get<std::string>(dependency.of_))));
    }
  }
  return jobs;
}

TaskOptions ThreadPool::task_options(JobOptions options) {
  TaskOptions task;
  if (!options.id.is_none()) task.id = to_string(options.id);
  task.name = std::move(options.name);
  task.priority = options.priority;
  task.deadline = options.deadline;
  task.timeout = options.timeout;
  task.token = std::move(options.token);
  task.metadata = std::move(options.metadata);
  return task;
}

GraphRun ThreadPool::run(const TaskGraph& graph) {
  return graph.run_by(
      [&](JobOptions options, const TaskGraph::Work& work) { return submit(task_options(std::move(options)), work); },
      [&](const std::vector<AnyJob>& before, JobOptions options, const TaskGraph::Work& work) {
        return held_job(job_host(), make_task(task_options(std::move(options)), work), before);
      });
}

Periodic ThreadPool::repeated(Duration period, TaskOptions options, Missed missed, Ticker::Work work) {
  PeriodicOptions periodic;
  periodic.missed = missed;
  JobOptions& job = periodic.job;
  job.id = options.id.empty() ? new_id() : std::move(options.id);
  job.name = std::move(options.name);
  job.priority = options.priority;
  job.deadline = options.deadline;
  job.timeout = options.timeout;
  job.token = std::move(options.token);
  job.metadata = std::move(options.metadata);
  auto [task, producer] = priority::make_job<void>(job, job_host());
  enter(task, std::move(options.executor));
  return flow::every(job_host(), std::move(task), std::move(producer), period, periodic, std::move(work));
}

}  // namespace pool::flow

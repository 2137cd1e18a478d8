#include <pool/server/job_executor.hpp>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <pool/basic/user_code.hpp>

namespace pool::server {

using process::json;

void register_task_types(process::Jobs& jobs) {
  for (const TaskType& type : task_types()) {
    jobs.add(type.name, [&type](const json& param, const process::JobContext& context) {
      const auto text = param.get<std::string>();
      if (const std::string problem = type.problem(text); !problem.empty()) throw process::BadArgument(problem);
      return json(type.run(text, context.token));
    });
  }
}

struct JobExecutor::Unfinished {
  std::mutex mutex;
  std::condition_variable none;
  std::size_t tasks = 0;  // guarded by mutex

  void change(int by) {
    const std::lock_guard lock(mutex);
    tasks += static_cast<std::size_t>(by);
    if (tasks == 0) none.notify_all();
  }
};

JobExecutor::JobExecutor(metrics::ThreadPool& pool, std::string name, Submit submit)
    : pool_(pool), name_(std::move(name)), unfinished_(std::make_shared<Unfinished>()), submit_(std::move(submit)) {}

std::string JobExecutor::submit(Submission submission) {
  metrics::TaskOptions& task = submission.options;
  if (task.id.empty()) task.id = pool_.new_id();
  const process::Job<json> job = submit_(submission.type->name, submission.param,
                                         {.name = std::move(task.name),
                                          .priority = task.priority,
                                          .deadline = task.deadline,
                                          .timeout = task.timeout,
                                          .token = std::move(task.token),
                                          .metadata = std::move(task.metadata),
                                          .id = task.id});
  bool entered = false;
  const basic::Finally refused{[&] {
    if (!entered) job.cancel("it could not be entered into the registry");
  }};
  pool_.enter(job, name_);
  unfinished_->change(+1);
  job.on_end([unfinished = unfinished_](const priority::JobCore&) { unfinished->change(-1); });
  entered = true;
  return task.id;
}

bool JobExecutor::wait_idle_for(std::chrono::milliseconds timeout) {
  std::unique_lock lock(unfinished_->mutex);
  return unfinished_->none.wait_for(lock, timeout, [this] { return unfinished_->tasks == 0; });
}

std::unique_ptr<Executor> process_executor(metrics::ThreadPool& pool, process::Options options) {
  const auto processes = std::make_shared<process::ProcessPool>(std::move(options));
  return std::make_unique<JobExecutor>(
      pool, "process", [processes](const std::string& name, const json& argument, process::JobOptions job) {
        return processes->submit(name, argument, std::move(job));
      });
}

}  // namespace pool::server

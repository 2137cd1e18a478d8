#include <pool/server/process_executor.hpp>

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

struct ProcessExecutor::Unfinished {
  std::mutex mutex;
  std::condition_variable none;
  std::size_t tasks = 0;  // guarded by mutex

  void change(int by) {
    const std::lock_guard lock(mutex);
    tasks += static_cast<std::size_t>(by);
    if (tasks == 0) none.notify_all();
  }
};

ProcessExecutor::ProcessExecutor(metrics::ThreadPool& pool, process::Options options)
    : pool_(pool), unfinished_(std::make_shared<Unfinished>()), processes_(std::move(options)) {}

std::string ProcessExecutor::submit(Submission submission) {
  metrics::TaskOptions& task = submission.options;
  if (task.id.empty()) task.id = pool_.new_id();
  const process::Job<json> job = processes_.submit(submission.type->name, submission.param,
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
  pool_.enter(job, "process");
  unfinished_->change(+1);
  job.on_end([unfinished = unfinished_](const priority::JobCore&) { unfinished->change(-1); });
  entered = true;
  return task.id;
}

bool ProcessExecutor::wait_idle_for(std::chrono::milliseconds timeout) {
  std::unique_lock lock(unfinished_->mutex);
  return unfinished_->none.wait_for(lock, timeout, [this] { return unfinished_->tasks == 0; });
}

}  // namespace pool::server

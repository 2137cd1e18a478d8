// JobExecutor: tasks that are named jobs somewhere else, in worker processes or on other machines, and are known to the
// pool's registry all the same. In a process, one that crashes costs itself and nothing else, and one that hangs is killed
// when it is cancelled.
//
// Thread safety: as Executor. It must be destroyed before the pool in whose registry its tasks are.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <pool/metrics/thread_pool.hpp>
#include <pool/process/process_pool.hpp>
#include <pool/server/executor.hpp>

// What a job gives that is text is shown without quotes.
template <>
struct pool::metrics::ResultText<pool::process::json> {
  static std::string text(const process::json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  }
};

namespace pool::server {

// Names the task types, for whoever runs them elsewhere: in a program that is a worker, before it serves.
void register_task_types(process::Jobs& jobs);

class JobExecutor : public Executor {
 public:
  using Submit = std::function<process::Job<process::json>(const std::string& name, const process::json& argument,
                                                           process::JobOptions options)>;

  // Its tasks are shown as those of `name`.
  JobExecutor(metrics::ThreadPool& pool, std::string name, Submit submit);
  std::string submit(Submission submission) override;
  [[nodiscard]] bool wait_idle_for(std::chrono::milliseconds timeout) override;

 private:
  struct Unfinished;  // shared with the jobs, which may outlive this

  metrics::ThreadPool& pool_;
  const std::string name_;
  const std::shared_ptr<Unfinished> unfinished_;
  const Submit submit_;
};

// One with worker processes of its own.
[[nodiscard]] std::unique_ptr<Executor> process_executor(metrics::ThreadPool& pool, process::Options options);

}  // namespace pool::server

// ProcessExecutor: tasks in worker processes. One that crashes costs itself and nothing else, and one that hangs can be
// killed: it is cancelled as every task, and what does not stop then gets SIGTERM, and SIGKILL.
//
// Thread safety: as Executor. It must be destroyed before the pool in whose registry its tasks are.
#pragma once

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

// Names the task types for worker processes: in the program that is its own worker, before worker_main().
void register_task_types(process::Jobs& jobs);

class ProcessExecutor : public Executor {
 public:
  ProcessExecutor(metrics::ThreadPool& pool, process::Options options);
  std::string submit(Submission submission) override;
  [[nodiscard]] bool wait_idle_for(std::chrono::milliseconds timeout) override;

 private:
  struct Unfinished;  // shared with the jobs, which may outlive this

  metrics::ThreadPool& pool_;
  const std::shared_ptr<Unfinished> unfinished_;
  process::ProcessPool processes_;
};

}  // namespace pool::server

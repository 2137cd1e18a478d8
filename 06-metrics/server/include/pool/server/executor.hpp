// Executor: what runs a task, by the word in the request: `thread` is the pool here; `process` and `cluster` are the
// words for worker processes and other machines, once something of that name is registered.
//
// Thread safety: an Executor's submit() is called from several threads; Executors is filled first and then only read.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <pool/metrics/thread_pool.hpp>
#include <pool/server/task_types.hpp>

namespace pool::server {

struct Submission {
  const TaskType* type = nullptr;
  std::string param;  // has been checked
  metrics::TaskOptions options;
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Hands it in, and gives the id under which the pool's registry knows it. Throws PoolError if it cannot.
  virtual std::string submit(Submission submission) = 0;
  // Waits until all that was handed in has ended, or so long; false then.
  [[nodiscard]] virtual bool wait_idle_for(std::chrono::milliseconds timeout) = 0;
};

// The pool's own workers.
class ThreadExecutor : public Executor {
 public:
  explicit ThreadExecutor(metrics::ThreadPool& pool) : pool_(pool) {}  // which must outlive it
  std::string submit(Submission submission) override;
  [[nodiscard]] bool wait_idle_for(std::chrono::milliseconds timeout) override;

 private:
  metrics::ThreadPool& pool_;
};

class Executors {
 public:
  // Throws std::invalid_argument for a name that is there already.
  void add(std::string name, std::unique_ptr<Executor> executor);
  [[nodiscard]] Executor* find(std::string_view name) const;  // null: there is none
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool wait_idle_for(std::chrono::milliseconds timeout) const;  // all of them, so long in all

 private:
  std::map<std::string, std::unique_ptr<Executor>, std::less<>> executors_;
};

}  // namespace pool::server

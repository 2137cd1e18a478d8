#include <pool/process/process_pool.hpp>

#include <cstdio>
#include <exception>
#include <utility>

#include <pool/basic/native_thread.hpp>
#include <pool/process/worker_main.hpp>

#include "core.hpp"

namespace pool::process {

ProcessPool::ProcessPool(Options options) {
  if (is_stray_worker()) {
    throw PoolError("process: this process was started as a worker; its main() has to call worker_main() first");
  }
  core_ = std::make_shared<Core>(std::move(options));
  const basic::SignalsBlocked in_the_thread;
  thread_ = sync::thread([core = core_] { core->run(); });
}

ProcessPool::~ProcessPool() {
  if ((core_->on_own_thread() && !core_->has_ended()) || core_->timer().is_this_thread()) {
    std::fputs("process: a pool was destroyed in a callback of one of its jobs, and cannot wait for itself\n", stderr);
    std::terminate();
  }
  core_->close(Shutdown::now);
  core_->wait_for_end();
  join();
}

void ProcessPool::shutdown(Shutdown how) {
  if (core_->on_own_thread() || core_->timer().is_this_thread()) {
    throw PoolError(
        "process: shutdown() in a callback of one of the pool's jobs would wait for itself; "
        "shutdown_async() does not");
  }
  core_->close(how);
  core_->wait_for_end();
  join();
}

void ProcessPool::join() {
  const std::lock_guard lock(joining_);
  core_->stop_timer();
  if (!thread_.joinable()) return;
  if (core_->on_own_thread()) {
    thread_.detach();  // in the callback of shutdown_async(): it has nothing left to do, and the core is its own
  } else {
    thread_.join();
  }
}

Job<json> ProcessPool::submit(const std::string& name, const json& argument, JobOptions options) {
  return core_->submit(name, argument, std::move(options));
}

Job<void> ProcessPool::shutdown_async(Shutdown how) {
  core_->close(how);
  return core_->when_ended();
}

CancelToken ProcessPool::stopping() const {
  return core_->stopping_token();
}

std::size_t ProcessPool::pending() const {
  return core_->pending();
}

std::size_t ProcessPool::size() const {
  return core_->size();
}

Stats ProcessPool::stats() const {
  return core_->stats();
}

}  // namespace pool::process

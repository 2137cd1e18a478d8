// Gate: a door that is shut until somebody opens it, and stays open then. What tests use in place of a sleep.
//
// Thread safety: every member may be called from any thread.
// Memory ordering: what happens before open() is visible after wait().
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace pool::testing {

class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();  // under the lock: whoever waits may destroy the gate as soon as it has it
  }

  void wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return open_; });
  }

  // False if the gate was still shut after that time.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return opened_.wait_for(lock, limit, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

}  // namespace pool::testing

// Closures, and things that closures capture, that notice what is done to them.
#pragma once

#include <atomic>
#include <thread>
#include <utility>

namespace pool::testing {

// Notes when the last of its copies is destroyed; slow enough at it that a future which is ready too early is seen.
class NotesDestruction {
 public:
  explicit NotesDestruction(std::atomic<bool>& gone) : gone_(&gone) {}
  NotesDestruction(NotesDestruction&& other) noexcept : gone_(std::exchange(other.gone_, nullptr)) {}
  ~NotesDestruction() {
    if (gone_ == nullptr) return;
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    *gone_ = true;
  }

 private:
  std::atomic<bool>* gone_;
};

// Calls the pool wherever its code runs: when it is moved, run and destroyed.
template <class Pool>
class CallsThePool {
 public:
  explicit CallsThePool(Pool& pool) : pool_(&pool) {}
  CallsThePool(CallsThePool&& other) noexcept : pool_(other.pool_) { static_cast<void>(pool_->pending()); }
  ~CallsThePool() { static_cast<void>(pool_->pending()); }
  void operator()() const { static_cast<void>(pool_->pending() + pool_->size()); }

 private:
  Pool* pool_;
};

}  // namespace pool::testing

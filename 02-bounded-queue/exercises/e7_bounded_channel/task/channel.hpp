// Channel<T>: a closable FIFO of limited capacity between many senders and many receivers. How it waits is yours.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (Q1) size() <= capacity
//              (Q2) a value that was sent is received exactly once, in the order of sending
//              (Q3) after close(), sends fail, those that wait among them; receives hand out what is left and say so
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

namespace sync = pool::sync;

template <class T>
class Channel {
 public:
  // capacity: at least 1.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room and appends the value. False: the channel is closed, and nothing was sent.
  bool send(T value) {
    static_cast<void>(value);
    POOL_TODO("wait for room or the end, append the value, wake whoever waits for it");
  }

  // Waits for a value and takes it. std::nullopt: the channel is closed, and nothing is left.
  std::optional<T> receive() {
    POOL_TODO("wait for a value or the end, take it, wake whoever waits for its room");
  }

  // From now on sends fail. Wakes all who wait.
  void close() {
    POOL_TODO("say that it is over, to everybody");
  }

  [[nodiscard]] std::size_t size() const {
    std::lock_guard lock(mutex_);
    return queue_.read().size();
  }

 private:
  const std::size_t capacity_;
  mutable sync::mutex mutex_;
  sync::condition_variable filled_;  // receivers sleep here
  sync::condition_variable room_;    // senders sleep here
  sync::cell<std::deque<T>> queue_;  // guarded by mutex_
  sync::cell<bool> closed_{false};   // guarded by mutex_
};

}  // namespace exercise

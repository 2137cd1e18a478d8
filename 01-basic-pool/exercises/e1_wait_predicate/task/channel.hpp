// Channel<T>: an unbounded, closable FIFO between many senders and many receivers. Here its receive() is yours.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (C1) a value that was sent is received exactly once
//              (C2) after close(), sends fail, and receives hand out what is left and then say so
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

namespace sync = pool::sync;

template <class T>
class Channel {
 public:
  // Appends the value and wakes one receiver. False: the channel is closed, and nothing was sent.
  bool send(T value) {
    {
      std::lock_guard lock(mutex_);
      if (closed_.read()) return false;
      queue_.write().push_back(std::move(value));
    }
    changed_.notify_one();
    return true;
  }

  // Waits for a value and takes it. std::nullopt: the channel is closed, and nothing is left.
  std::optional<T> receive() {
    std::unique_lock lock(mutex_);
    POOL_TODO("wait until there is a value, or the channel is closed");
    if (queue_.read().empty()) return std::nullopt;
    std::optional<T> value(std::move(queue_.write().front()));
    queue_.write().pop_front();
    return value;
  }

  // From now on sends fail. Wakes every receiver.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_.write() = true;
    }
    changed_.notify_all();
  }

 private:
  sync::mutex mutex_;
  sync::condition_variable changed_;  // something was sent, or the channel was closed
  sync::cell<std::deque<T>> queue_;   // guarded by mutex_
  sync::cell<bool> closed_{false};    // guarded by mutex_
};

}  // namespace exercise

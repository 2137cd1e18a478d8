// Channel<T>: a closable FIFO of limited capacity. It has a bug that one sender and one receiver never see.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (Q1) a value is queued and receivers sleep  =>  one of them has been called
//              (Q2) there is room and senders sleep        =>  one of them has been called
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

template <class T>
class Channel {
 public:
  // capacity: at least 1.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room and appends the value. False: the channel is closed, and nothing was sent.
  bool send(T value) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return queue_.read().size() < capacity_ || closed_.read(); });
      if (closed_.read()) return false;
      queue_.write().push_back(std::move(value));
    }
    changed_.notify_one();
    return true;
  }

  // Waits for a value and takes it. std::nullopt: the channel is closed, and nothing is left.
  std::optional<T> receive() {
    std::optional<T> value;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
      if (queue_.read().empty()) return std::nullopt;
      value.emplace(std::move(queue_.write().front()));
      queue_.write().pop_front();
    }
    changed_.notify_one();
    return value;
  }

  // From now on sends fail. Wakes all who wait.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_.write() = true;
    }
    changed_.notify_all();
  }

 private:
  const std::size_t capacity_;
  sync::mutex mutex_;
  sync::condition_variable changed_;  // something was sent or taken, or the channel was closed

  // guarded by mutex_
  sync::cell<std::deque<T>> queue_;
  sync::cell<bool> closed_{false};
};

}  // namespace exercise

// Channel<T>: a closable FIFO of limited capacity whose senders have a limit on their patience. That is yours to write.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (Q1) size() <= capacity
//              (Q2) a send that is not ok leaves the value as it was
//              (Q3) a wait for room ends when the timeout is over, however often it was interrupted
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

enum class [[nodiscard]] Send{ok, full, closed};

// Condition: what the channel's threads sleep on; the tests put one in its place that wakes when they want it to.
template <class T, class Condition = sync::condition_variable>
class Channel {
 public:
  // capacity: at least 1.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  // Appends the value; waits so long for room, 0 is not at all. If the outcome is not ok, the value is as it was.
  // Throws std::invalid_argument for a negative timeout.
  Send try_send_for(std::chrono::milliseconds timeout, T&& value) {
    // #todo
    if (timeout < timeout.zero()) throw std::invalid_argument("channel: a timeout is 0 or more");
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    {
      std::unique_lock lock(mutex_);
      const bool ready =
          room_.wait_until(lock, deadline, [this] { return queue_.read().size() < capacity_ || closed_.read(); });
      if (closed_.read()) return Send::closed;
      if (!ready) return Send::full;
      queue_.write().push_back(std::move(value));
    }
    filled_.notify_one();
    return Send::ok;
    // #instead
    // static_cast<void>(timeout);
    // static_cast<void>(value);
    // POOL_TODO("until when to wait, what to wait for, and what to say then");
    // #end
  }

  // Waits for a value and takes it. std::nullopt: the channel is closed, and nothing is left.
  std::optional<T> receive() {
    std::optional<T> value;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
      if (queue_.read().empty()) return std::nullopt;
      value.emplace(std::move(queue_.write().front()));
      queue_.write().pop_front();
    }
    room_.notify_one();
    return value;
  }

  // From now on sends fail. Wakes all who wait.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_.write() = true;
    }
    filled_.notify_all();
    room_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    std::lock_guard lock(mutex_);
    return queue_.read().size();
  }

 private:
  const std::size_t capacity_;
  mutable sync::mutex mutex_;
  Condition filled_;                 // receivers sleep here
  Condition room_;                   // senders sleep here
  sync::cell<std::deque<T>> queue_;  // guarded by mutex_
  sync::cell<bool> closed_{false};   // guarded by mutex_
};

}  // namespace exercise

// #todo
// Why this. "So long from now" is turned into a moment once, at the beginning; whatever happens afterwards, that moment
// stays. steady_clock, because it is never set: a wait by the clock on the wall ends an hour late when somebody sets it
// back. wait_until with a predicate looks again after each waking, and once more when the time is up; what it returns
// is what that last look saw. And `value` is a reference until there is room: nothing has been moved, so nothing has to
// be put back.
//
// Why not `while (full) if (room_.wait_for(lock, timeout) == timeout) return full;`: each waking begins the timeout
// anew, and a channel on which much happens keeps its senders waiting for ever. It also gives up without the last look.
// Why not `T value`, by value: the caller's object is empty by then, whether or not it was sent. The stage's own
// Deadline thinks of one thing more: so many hours that the clock cannot count them are for ever.
// #end

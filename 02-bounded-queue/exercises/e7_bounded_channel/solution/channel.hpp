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

namespace exercise {

namespace sync = pool::sync;

template <class T>
class Channel {
 public:
  // capacity: at least 1.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room and appends the value. False: the channel is closed, and nothing was sent.
  bool send(T value) {
    // #todo
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return queue_.read().size() < capacity_ || closed_.read(); });
      if (closed_.read()) return false;
      queue_.write().push_back(std::move(value));
    }
    filled_.notify_one();
    return true;
    // #instead
    // static_cast<void>(value);
    // POOL_TODO("wait for room or the end, append the value, wake whoever waits for it");
    // #end
  }

  // Waits for a value and takes it. std::nullopt: the channel is closed, and nothing is left.
  std::optional<T> receive() {
    // #todo wait for a value or the end, take it, wake whoever waits for its room
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
    // #end
  }

  // From now on sends fail. Wakes all who wait.
  void close() {
    // #todo say that it is over, to everybody
    {
      std::lock_guard lock(mutex_);
      closed_.write() = true;
    }
    filled_.notify_all();
    room_.notify_all();
    // #end
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

// #todo
// Why this. The channel is stage 01's, and then the same once more in the mirror: a send is to the room what a receive
// is to the values. Each side waits for its own thing in its own place, so that one notification always finds somebody
// who can use it: one value, one receiver; one slot, one sender. Only close() concerns everybody.
//
// Why not one condition variable: the next exercise is about that. Why not notify only when the queue was full before,
// since otherwise nobody can wait for room: two receivers empty a queue of two while two senders sleep; the second of
// them finds it not full, calls nobody, and the second sender sleeps beside an empty queue. The stage's own channel
// does call more rarely, but to know when, it counts who sleeps and who has been called.
// #end

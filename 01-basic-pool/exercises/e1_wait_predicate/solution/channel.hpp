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
    // #todo wait until there is a value, or the channel is closed
    changed_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
    // #end
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

// #todo
// Why this. The predicate asks about the state, not about the notification, so it does not matter when that came.
// wait() asks first, under the lock (a value that is there already costs no sleep, and none can arrive between the
// question and the sleep, since a sender needs the same lock), and asks again after each waking.
//
// Why not `changed_.wait(lock)`: if the value was sent before, nobody will notify again, and we sleep for ever. Why not
// `if (queue_.read().empty()) changed_.wait(lock);`: we are woken and must get the lock back; another receiver may be
// quicker and take the value. The standard also allows a wait to end for no reason at all. And without
// `|| closed_.read()` the last receivers sleep through close(), and the pool's destructor waits for them in join().
// #end

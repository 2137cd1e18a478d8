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
      // #todo
      room_.wait(lock, [this] { return queue_.read().size() < capacity_ || closed_.read(); });
      // #instead
      // changed_.wait(lock, [this] { return queue_.read().size() < capacity_ || closed_.read(); });
      // #end
      if (closed_.read()) return false;
      queue_.write().push_back(std::move(value));
    }
    // #todo
    filled_.notify_one();
    // #instead
    // changed_.notify_one();
    // #end
    return true;
  }

  // Waits for a value and takes it. std::nullopt: the channel is closed, and nothing is left.
  std::optional<T> receive() {
    std::optional<T> value;
    {
      std::unique_lock lock(mutex_);
      // #todo
      filled_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
      // #instead
      // changed_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
      // #end
      if (queue_.read().empty()) return std::nullopt;
      value.emplace(std::move(queue_.write().front()));
      queue_.write().pop_front();
    }
    // #todo
    room_.notify_one();
    // #instead
    // changed_.notify_one();
    // #end
    return value;
  }

  // From now on sends fail. Wakes all who wait.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_.write() = true;
    }
    // #todo
    filled_.notify_all();
    room_.notify_all();
    // #instead
    // changed_.notify_all();
    // #end
  }

 private:
  const std::size_t capacity_;
  sync::mutex mutex_;
  // #todo
  sync::condition_variable filled_;  // there is something to take, or the channel was closed
  sync::condition_variable room_;    // there is room, or the channel was closed
  // #instead
  // sync::condition_variable changed_;  // something was sent or taken, or the channel was closed
  // #end

  // guarded by mutex_
  sync::cell<std::deque<T>> queue_;
  sync::cell<bool> closed_{false};
};

}  // namespace exercise

// #todo
// Why this. notify_one() is right where every sleeper would do: any of them can use what has changed. On a condition
// variable for both sides that is not so. A receiver that makes room may wake another receiver, which finds nothing and
// sleeps again, and the one notification that there was is used up; the sender, whom it was meant for, sleeps on. With
// two places to sleep, a notification reaches only those who wait for what it says.
//
// Why not notify_all() on one condition variable: that is right too, and one word shorter. Each send then wakes every
// sleeper of both sides, all but one of which look and sleep again: with a hundred threads a hundred wake-ups for each
// value. Java's first monitors had only one place to sleep for each object, which is why its books say notifyAll(). Why
// not a wait with a time limit, so that the sleepers look again now and then: that turns a program that stands still
// into one that is slow, and nobody will ever find out why.
// #end

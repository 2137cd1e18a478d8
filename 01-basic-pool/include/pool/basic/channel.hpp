// Channel<T>: an unbounded, closable FIFO between many producers and many consumers.
//
// Thread safety: every member may be called from any thread; the destructor only when nobody else uses the channel.
// Invariants:  (C1) a value that was sent is received exactly once, or is in what drain() returned
//              (C2) values are received in the order in which they were sent
//              (C3) after close(), sends fail, and receives hand out what is left and then say so
//              (C4) no code of T runs under the lock: nodes are made before it is taken and emptied after it is let go
// Memory ordering: what happens before a send is visible to the receive that returns its value.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <utility>

#include <pool/basic/sync.hpp>

namespace pool::basic {

enum class [[nodiscard]] Send{ok, closed};

template <class T>
class Channel {
 public:
  // Appends the value and wakes one receiver. If the channel is closed, the value stays as it was.
  // Throws std::bad_alloc, and whatever moving a T throws; nothing was sent then.
  Send send(T&& value);

  // Waits for a value and takes it. std::nullopt: the channel is closed, and nothing is left.
  [[nodiscard]] std::optional<T> receive();

  // From now on sends fail. Wakes every receiver. Closing again does nothing.
  void close();

  // Takes everything that is queued, without waiting.
  [[nodiscard]] std::list<T> drain();

  // How many values are queued: exact at rest, a moment old otherwise.
  [[nodiscard]] std::size_t size() const;

 private:
  mutable sync::mutex mutex_;
  sync::condition_variable changed_;  // something was sent, or the channel was closed
  sync::cell<std::list<T>> queue_;    // guarded by mutex_
  sync::cell<bool> closed_{false};    // guarded by mutex_
};

// #region send
template <class T>
Send Channel<T>::send(T&& value) {
  std::list<T> node;  // allocated here, so that the lock is held for the time of two pointers
  node.push_back(std::move(value));
  {
    std::lock_guard lock(mutex_);
    if (!closed_.read()) queue_.write().splice(queue_.read().end(), node);
  }
  if (!node.empty()) {
    value = std::move(node.front());
    return Send::closed;
  }
  changed_.notify_one();  // outside the lock: the receiver that wakes need not wait for us
  return Send::ok;
}
// #endregion send

// #region receive
template <class T>
std::optional<T> Channel<T>::receive() {
  std::list<T> node;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
    if (queue_.read().empty()) return std::nullopt;
    node.splice(node.end(), queue_.write(), queue_.read().begin());
  }
  return std::move(node.front());
}
// #endregion receive

// #region close
template <class T>
void Channel<T>::close() {
  {
    std::lock_guard lock(mutex_);
    closed_.write() = true;
  }
  changed_.notify_all();
}
// #endregion close

template <class T>
std::list<T> Channel<T>::drain() {
  std::list<T> all;
  std::lock_guard lock(mutex_);
  all.swap(queue_.write());
  return all;
}

template <class T>
std::size_t Channel<T>::size() const {
  std::lock_guard lock(mutex_);
  return queue_.read().size();
}

}  // namespace pool::basic

// Channel<T>: an unbounded, closable FIFO between many producers and many consumers.
//
// Thread safety: every member may be called from any thread; the destructor only when nobody else uses the channel.
// Invariants:  (C1) a value that was sent is received exactly once, or is in what drain() returned
//              (C2) values are received in the order in which they were sent
//              (C3) after close(), sends fail, and receives hand out what is left and then say so
//              (C4) no code of T runs under the lock: nodes are made before it is taken and emptied after it is let go
//              (C5) queued > 0 and sleeping > 0  =>  waking: somebody has been called who will look at the queue
// Memory ordering: what happens before a send is visible to the receive that returns its value. (Edges between threads
// have names in brackets, at both ends: docs/memory-ordering.md.)
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
  // Appends the value, and sees to it that a sleeping receiver wakes for it. If the channel is closed, the value stays
  // as it was.
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
  bool calls_somebody();  // with the lock held; if it says so, notify_one() follows

  mutable sync::mutex mutex_;
  sync::condition_variable changed_;     // there is something to take, or the channel was closed
  sync::cell<std::list<T>> queue_;       // guarded by mutex_
  sync::cell<bool> closed_{false};       // guarded by mutex_
  sync::cell<std::size_t> sleeping_{0};  // guarded by mutex_; receivers in wait()
  sync::cell<bool> waking_{false};       // guarded by mutex_; one of them was called and has not looked yet
};

// #region send
template <class T>
Send Channel<T>::send(T&& value) {
  std::list<T> node;  // allocated here, so that the lock is held for the time of two pointers
  node.push_back(std::move(value));
  bool call = false;
  {
    std::lock_guard lock(mutex_);  // [hand-over] its unlock pairs with the lock in receive()
    if (!closed_.read()) queue_.write().splice(queue_.read().end(), node);
    call = calls_somebody();
  }
  if (call) changed_.notify_one();  // outside the lock: the receiver that wakes need not wait for us
  if (node.empty()) return Send::ok;
  value = std::move(node.front());
  return Send::closed;
}
// #endregion send

// #region receive
template <class T>
std::optional<T> Channel<T>::receive() {
  std::list<T> node;
  bool call = false;
  {
    std::unique_lock lock(mutex_);  // [hand-over] pairs with send(), [close] with close()
    while (queue_.read().empty() && !closed_.read()) {
      ++sleeping_.write();
      changed_.wait(lock);
      --sleeping_.write();
      waking_.write() = false;
    }
    if (queue_.read().empty()) return std::nullopt;
    node.splice(node.end(), queue_.write(), queue_.read().begin());
    call = calls_somebody();  // there is more, and another sleeps: pass the wake-up on
  }
  if (call) changed_.notify_one();
  return std::move(node.front());
}
// #endregion receive

// #region calls_somebody
template <class T>
bool Channel<T>::calls_somebody() {
  if (queue_.read().empty() || sleeping_.read() == 0 || waking_.read()) return false;
  waking_.write() = true;
  return true;
}
// #endregion calls_somebody

// #region close
template <class T>
void Channel<T>::close() {
  {
    std::lock_guard lock(mutex_);  // [close] its unlock pairs with the lock in receive()
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

// BoundedChannel<T>: a closable FIFO of limited capacity between many producers and many consumers.
//
// Thread safety: every member may be called from any thread; the destructor only when nobody else uses the channel.
// Invariants:  (B1) size() <= capacity(), unless that is 0
//              (B2) a value that was sent is received exactly once, or was displaced or drained
//              (B3) values leave in the order in which they were sent
//              (B4) after close(), sends fail, those that wait among them; receives hand out what is left and say so
//              (B5) no code of T runs under the lock: nodes are made before it is taken and emptied after it is let go
// Memory ordering: what happens before a send is visible to the receive that returns its value.
//
// Who waits, and who is woken when, is waiting.hpp's.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <stdexcept>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/bounded/waiting.hpp>

namespace pool::bounded {

template <class T>
class BoundedChannel {
 public:
  class Room;

  // Capacity 0 is no limit. Throws std::invalid_argument for one above kMaxCapacity.
  explicit BoundedChannel(std::size_t capacity = 0) : waiting_(capacity) {}

  // Appends the value: waits for room; does not wait; waits so long. If the outcome is not ok, the value is as it was.
  // Throws std::bad_alloc, and whatever moving a T throws; nothing was sent then. try_send_for throws
  // std::invalid_argument for a negative timeout.
  Send send(T&& value) { return send(std::move(value), Deadline::never()); }
  Send try_send(T&& value) { return send(std::move(value), Deadline::now()); }
  template <class Rep, class Period>
  Send try_send_for(std::chrono::duration<Rep, Period> timeout, T&& value) {
    return send(std::move(value), Deadline::after(timeout));
  }

  // Appends the value. If there is no room, the oldest one leaves for it, into `displaced`.
  Send send_displacing(T&& value, std::optional<T>& displaced);

  // Sets room aside for one value, for a sender who does not want to make the value before there is room for it.
  Send reserve(Room& room, const Deadline& deadline);
  // Appends the value into that room: ok or closed. Without room it is a mistake in the program: std::logic_error.
  Send send(Room&& room, T&& value);

  // Takes the oldest value: waits for one; does not wait; waits so long. std::nullopt of receive(): the channel is
  // closed, and nothing is left.
  [[nodiscard]] std::optional<T> receive();
  Receive try_receive(std::optional<T>& value) { return receive(value, Deadline::now()); }
  template <class Rep, class Period>
  Receive try_receive_for(std::chrono::duration<Rep, Period> timeout, std::optional<T>& value) {
    return receive(value, Deadline::after(timeout));
  }

  // From now on sends fail. Wakes every sender and every receiver. Closing again does nothing.
  void close() { waiting_.close(); }

  // Takes everything that is queued, without waiting.
  [[nodiscard]] std::list<T> drain();

  [[nodiscard]] std::size_t capacity() const { return waiting_.capacity(); }  // 0: no limit

  // How many values are queued: exact at rest, a moment old otherwise. stats() takes no lock.
  [[nodiscard]] std::size_t size() const { return waiting_.queued(); }
  [[nodiscard]] Waiting::Stats stats() const { return waiting_.stats(); }

 private:
  using Visit = Waiting::Visit;

  Send send(T&& value, const Deadline& deadline);
  Receive receive(std::optional<T>& value, const Deadline& deadline);
  void append(Visit& visit, std::list<T>& node);
  void take_first(Visit& visit, std::list<T>& node);

  Waiting waiting_;
  sync::cell<std::list<T>> queue_;  // guarded by the lock of a Visit
};

// Room for one value, set aside by reserve(). Unused, it is given back at the end of the object's life.
template <class T>
class BoundedChannel<T>::Room {
 public:
  Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    if (waiting_ != nullptr) Visit(*waiting_).given_back();
  }

 private:
  friend BoundedChannel;
  Waiting* waiting_ = nullptr;
};

// #region send
template <class T>
Send BoundedChannel<T>::send(T&& value, const Deadline& deadline) {
  std::list<T> node;
  node.push_back(std::move(value));
  Send sent{};
  {
    Visit visit(waiting_);  // [hand-over] its end pairs with the beginning of the one in receive()
    sent = visit.wait_for_room(deadline);
    if (sent == Send::ok) append(visit, node);
  }
  if (sent != Send::ok) value = std::move(node.front());
  return sent;
}
// #endregion send

template <class T>
Send BoundedChannel<T>::send_displacing(T&& value, std::optional<T>& displaced) {
  std::list<T> node;
  node.push_back(std::move(value));
  std::list<T> oldest;
  Send sent{};
  {
    Visit visit(waiting_);  // [hand-over]
    // Where all room is reserved there is nothing to displace: its owners are about to send.
    sent = visit.wait_for_room(visit.empty() ? Deadline::never() : Deadline::now());
    if (sent == Send::full) take_first(visit, oldest);
    if (sent != Send::closed) append(visit, node);
  }
  if (!oldest.empty()) displaced.emplace(std::move(oldest.front()));
  if (sent != Send::closed) return Send::ok;
  value = std::move(node.front());
  return Send::closed;
}

template <class T>
Send BoundedChannel<T>::reserve(Room& room, const Deadline& deadline) {
  Visit visit(waiting_);
  const Send sent = visit.wait_for_room(deadline);
  if (sent != Send::ok) return sent;
  visit.reserved();
  room.waiting_ = &waiting_;
  return Send::ok;
}

template <class T>
Send BoundedChannel<T>::send(Room&& room, T&& value) {
  if (room.waiting_ != &waiting_)
    throw std::logic_error("bounded channel: a value was sent into room that nobody reserved");
  std::list<T> node;
  node.push_back(std::move(value));
  {
    Visit visit(waiting_);  // [hand-over]
    room.waiting_ = nullptr;
    visit.given_back();
    if (!visit.closed()) append(visit, node);
  }
  if (node.empty()) return Send::ok;
  value = std::move(node.front());
  return Send::closed;
}

template <class T>
std::optional<T> BoundedChannel<T>::receive() {
  std::optional<T> value;
  static_cast<void>(receive(value, Deadline::never()));
  return value;
}

template <class T>
Receive BoundedChannel<T>::receive(std::optional<T>& value, const Deadline& deadline) {
  std::list<T> node;
  Receive received{};
  {
    Visit visit(waiting_);  // [hand-over]
    received = visit.wait_for_value(deadline);
    if (received == Receive::ok) take_first(visit, node);
  }
  if (received == Receive::ok) value.emplace(std::move(node.front()));
  return received;
}

template <class T>
std::list<T> BoundedChannel<T>::drain() {
  std::list<T> all;
  Visit visit(waiting_);
  all.swap(queue_.write());
  visit.received(all.size());
  return all;
}

template <class T>
void BoundedChannel<T>::append(Visit& visit, std::list<T>& node) {
  queue_.write().splice(queue_.read().end(), node);
  visit.sent();
}

template <class T>
void BoundedChannel<T>::take_first(Visit& visit, std::list<T>& node) {
  node.splice(node.end(), queue_.write(), queue_.read().begin());
  visit.received();
}

}  // namespace pool::bounded

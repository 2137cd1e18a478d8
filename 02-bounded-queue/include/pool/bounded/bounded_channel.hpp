// BoundedChannel<T>: a closable FIFO of limited capacity between many producers and many consumers.
//
// Thread safety: every member may be called from any thread; the destructor only when nobody else uses the channel.
// Invariants:  (B1) queued + reserved <= capacity
//              (B2) a value that was sent is received exactly once, or was displaced or drained
//              (B3) values leave in the order in which they were sent
//              (B4) after close(), sends fail, those that wait among them; receives hand out what is left and say so
//              (B5) no code of T runs under the lock: nodes are made before it is taken and emptied after it is let go
//              (B6) queued > 0 and a receiver sleeps  =>  a receiver has been called, and will look at the queue
//              (B7) there is room and a sender sleeps  =>  a sender has been called, and will look for room
// Memory ordering: what happens before a send is visible to the receive that returns its value.
//
// Senders wake in batches. One that is called while the queue drains from full waits on, at most kPatience, until the
// queue is down to its half: so a wake-up, which costs more than many sends, is paid for once for many slots.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/bounded/deadline.hpp>

namespace pool::bounded {

enum class [[nodiscard]] Send{ok, full, closed};
enum class [[nodiscard]] Receive{ok, empty, closed};

// The most values a channel may be asked to hold: a thousand million.
inline constexpr std::size_t kMaxCapacity = 1'000'000'000;

template <class T>
class BoundedChannel {
 public:
  class Room;

  // Capacity 0 is no limit. Throws std::invalid_argument for one above kMaxCapacity.
  explicit BoundedChannel(std::size_t capacity = 0);

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
  void close();

  // Takes everything that is queued, without waiting.
  [[nodiscard]] std::list<T> drain();

  [[nodiscard]] std::size_t capacity() const { return capacity_; }  // 0: no limit

  // How many values are queued: exact at rest, a moment old otherwise.
  [[nodiscard]] std::size_t size() const;

  // The same counts without the lock; `sent` ever, `high_water` the most that were ever queued.
  struct Stats {
    std::size_t sent = 0, queued = 0, high_water = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  using Lock = std::unique_lock<sync::mutex>;
  static constexpr std::chrono::milliseconds kPatience{1};

  struct Sleepers {
    std::size_t asleep = 0;
    bool called = false;  // one of them was, and has not looked yet
    bool calls_one();
  };
  struct Calls {  // who is to be notified when the lock is let go
    bool receiver = false, sender = false, patient = false;
  };

  Send send(T&& value, const Deadline& deadline);
  Receive receive(std::optional<T>& value, const Deadline& deadline);
  void notify(Calls calls);

  // These with the lock held:
  Send wait_for_room(Lock& lock, const Deadline& deadline);
  void wait_for_half(Lock& lock, const Deadline& deadline);
  Receive wait_for_value(Lock& lock, const Deadline& deadline);
  [[nodiscard]] std::size_t taken() const { return queue_.read().size() + reserved_.read(); }
  [[nodiscard]] bool full() const { return capacity_ != 0 && taken() == capacity_; }
  void append(std::list<T>& node);
  void take_first(std::list<T>& node);
  Calls calls();  // after every change of the queue, the room or the sleepers: keeps B6 and B7

  const std::size_t capacity_;
  mutable sync::mutex mutex_;
  sync::condition_variable filled_;  // for receivers: there is something to take, or the channel was closed
  sync::condition_variable room_;    // for senders: there is room, or the channel was closed
  sync::condition_variable half_;    // for the patient sender: half of the room is free, or the channel was closed

  // guarded by mutex_
  sync::cell<std::list<T>> queue_;
  sync::cell<std::size_t> reserved_{0};  // by Room objects
  sync::cell<bool> closed_{false};
  sync::cell<Sleepers> receivers_;
  sync::cell<Sleepers> senders_;
  sync::cell<bool> draining_{false};  // the queue was full and is not yet down to its half
  sync::cell<bool> patient_{false};   // the sender that was called waits for that

  // written with mutex_ held, read by stats() without it
  sync::atomic<std::size_t> sent_{0};
  sync::atomic<std::size_t> queued_{0};
  sync::atomic<std::size_t> high_water_{0};
};

// Room for one value, set aside by reserve(). Unused, it is given back at the end of the object's life.
template <class T>
class BoundedChannel<T>::Room {
 public:
  Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room();

 private:
  friend BoundedChannel;
  BoundedChannel* channel_ = nullptr;
};

template <class T>
BoundedChannel<T>::BoundedChannel(std::size_t capacity) : capacity_(capacity) {
  if (capacity > kMaxCapacity) {
    throw std::invalid_argument("pool: capacity = " + std::to_string(capacity) + ", but a queue holds at most " +
                                std::to_string(kMaxCapacity) + " (0 means no limit)");
  }
}

// #region send
template <class T>
Send BoundedChannel<T>::send(T&& value, const Deadline& deadline) {
  std::list<T> node;
  node.push_back(std::move(value));
  Send sent{};
  Calls who;
  {
    Lock lock(mutex_);  // [hand-over] its unlock pairs with the lock in receive(), [close] with close()
    sent = wait_for_room(lock, deadline);
    if (sent == Send::ok) append(node);
    who = calls();
  }
  notify(who);
  if (sent != Send::ok) value = std::move(node.front());
  return sent;
}
// #endregion send

// #region wait_for_room
template <class T>
Send BoundedChannel<T>::wait_for_room(Lock& lock, const Deadline& deadline) {
  while (full() && !closed_.read()) {
    if (deadline.is_now()) return Send::full;
    ++senders_.write().asleep;
    const bool in_time = deadline.wait(room_, lock);
    --senders_.write().asleep;
    if (!full() && draining_.read() && !patient_.read()) wait_for_half(lock, deadline);
    senders_.write().called = false;
    if (!in_time && full() && !closed_.read()) return Send::full;
  }
  return closed_.read() ? Send::closed : Send::ok;
}

// We were called for the first free slot. It is ours if the receivers leave it at that; but as a rule they go on.
template <class T>
void BoundedChannel<T>::wait_for_half(Lock& lock, const Deadline& deadline) {
  const Deadline end = deadline.at_most(kPatience);
  patient_.write() = true;
  while (patient_.read() && !closed_.read() && end.wait(half_, lock)) {
  }
  patient_.write() = false;
  draining_.write() = false;
}
// #endregion wait_for_room

// #region calls
template <class T>
auto BoundedChannel<T>::calls() -> Calls {
  Calls who;
  if (!queue_.read().empty()) who.receiver = receivers_.write().calls_one();
  if (full()) {
    draining_.write() = true;
    return who;
  }
  who.sender = senders_.write().calls_one();
  if (taken() <= capacity_ / 2) {
    draining_.write() = false;
    who.patient = std::exchange(patient_.write(), false);
  }
  return who;
}

template <class T>
bool BoundedChannel<T>::Sleepers::calls_one() {
  if (asleep == 0 || called) return false;
  called = true;
  return true;
}

template <class T>
void BoundedChannel<T>::notify(Calls who) {  // without the lock: whoever wakes need not wait for us
  if (who.receiver) filled_.notify_one();
  if (who.sender) room_.notify_one();
  if (who.patient) half_.notify_one();
}
// #endregion calls

// #region send_displacing
template <class T>
Send BoundedChannel<T>::send_displacing(T&& value, std::optional<T>& displaced) {
  std::list<T> node;
  node.push_back(std::move(value));
  std::list<T> oldest;
  Send sent{};
  Calls who;
  {
    Lock lock(mutex_);  // [hand-over]
    // Where all room is reserved there is nothing to displace: its owners are about to send.
    sent = wait_for_room(lock, queue_.read().empty() ? Deadline::never() : Deadline::now());
    if (sent == Send::full) take_first(oldest);
    if (sent != Send::closed) append(node);
    who = calls();
  }
  notify(who);
  if (!oldest.empty()) displaced.emplace(std::move(oldest.front()));
  if (sent != Send::closed) return Send::ok;
  value = std::move(node.front());
  return Send::closed;
}
// #endregion send_displacing

// #region reserve
template <class T>
Send BoundedChannel<T>::reserve(Room& room, const Deadline& deadline) {
  Send reserved{};
  Calls who;
  {
    Lock lock(mutex_);
    reserved = wait_for_room(lock, deadline);
    if (reserved == Send::ok) {
      ++reserved_.write();
      room.channel_ = this;
    }
    who = calls();
  }
  notify(who);
  return reserved;
}

template <class T>
Send BoundedChannel<T>::send(Room&& room, T&& value) {
  if (room.channel_ != this)
    throw std::logic_error("bounded channel: a value was sent into room that was not reserved");
  std::list<T> node;
  node.push_back(std::move(value));
  Calls who;
  {
    Lock lock(mutex_);  // [hand-over]
    room.channel_ = nullptr;
    --reserved_.write();
    if (!closed_.read()) append(node);
    who = calls();
  }
  notify(who);
  if (node.empty()) return Send::ok;
  value = std::move(node.front());
  return Send::closed;
}

template <class T>
BoundedChannel<T>::Room::~Room() {
  if (channel_ == nullptr) return;
  Calls who;
  {
    Lock lock(channel_->mutex_);
    --channel_->reserved_.write();
    who = channel_->calls();
  }
  channel_->notify(who);
}
// #endregion reserve

template <class T>
std::optional<T> BoundedChannel<T>::receive() {
  std::optional<T> value;
  static_cast<void>(receive(value, Deadline::never()));
  return value;
}

// #region receive
template <class T>
Receive BoundedChannel<T>::receive(std::optional<T>& value, const Deadline& deadline) {
  std::list<T> node;
  Receive received{};
  Calls who;
  {
    Lock lock(mutex_);  // [hand-over] pairs with the unlock of the senders, [close] with close()
    received = wait_for_value(lock, deadline);
    if (received == Receive::ok) take_first(node);
    who = calls();
  }
  notify(who);
  if (received == Receive::ok) value.emplace(std::move(node.front()));
  return received;
}

template <class T>
Receive BoundedChannel<T>::wait_for_value(Lock& lock, const Deadline& deadline) {
  while (queue_.read().empty() && !closed_.read()) {
    if (deadline.is_now()) return Receive::empty;
    ++receivers_.write().asleep;
    const bool in_time = deadline.wait(filled_, lock);
    --receivers_.write().asleep;
    receivers_.write().called = false;
    if (!in_time && queue_.read().empty() && !closed_.read()) return Receive::empty;
  }
  return queue_.read().empty() ? Receive::closed : Receive::ok;
}
// #endregion receive

// #region close
template <class T>
void BoundedChannel<T>::close() {
  {
    Lock lock(mutex_);  // [close] its unlock pairs with the lock in send() and receive()
    closed_.write() = true;
  }
  filled_.notify_all();
  room_.notify_all();
  half_.notify_all();
}
// #endregion close

template <class T>
std::list<T> BoundedChannel<T>::drain() {
  std::list<T> all;
  Calls who;
  {
    Lock lock(mutex_);
    all.swap(queue_.write());
    queued_.store(0, std::memory_order_release);
    who = calls();
  }
  notify(who);
  return all;
}

template <class T>
void BoundedChannel<T>::append(std::list<T>& node) {
  queue_.write().splice(queue_.read().end(), node);
  const std::size_t queued = queue_.read().size();
  if (queued > high_water_.load(std::memory_order_relaxed)) high_water_.store(queued, std::memory_order_relaxed);
  queued_.store(queued, std::memory_order_release);  // [high-water] pairs with the load in stats()
  sent_.store(sent_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

template <class T>
void BoundedChannel<T>::take_first(std::list<T>& node) {
  node.splice(node.end(), queue_.write(), queue_.read().begin());
  queued_.store(queue_.read().size(), std::memory_order_release);
}

template <class T>
std::size_t BoundedChannel<T>::size() const {
  Lock lock(mutex_);
  return queue_.read().size();
}

template <class T>
auto BoundedChannel<T>::stats() const -> Stats {
  Stats stats;
  stats.queued = queued_.load(std::memory_order_acquire);  // [high-water] so that it is never above the mark
  stats.high_water = high_water_.load(std::memory_order_relaxed);
  stats.sent = sent_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace pool::bounded

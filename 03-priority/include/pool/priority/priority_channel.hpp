// PriorityChannel: a closable queue of limited capacity with five levels. First in, first out within a level; between
// levels next_level() decides.
//
// Thread safety: every member may be called from any thread; the destructor only when nobody else uses the channel.
// Invariants:  (L1) size() <= capacity(), unless that is 0, whatever the levels
//              (L2) a unit that was sent is received exactly once, or was displaced, withdrawn or drained
//              (L3) units of one level leave in the order in which they were sent, and none of them has waited longer
//                   than the one before it
//              (L4) a unit is displaced only by one of its own priority or a higher one
//              (L5) no code of the user runs under the lock: units bring their links, and are released after it is let go
// Cost: sending, receiving and withdrawing are a few assignments, however many units are queued.
// Memory ordering: what happens before a send is visible to the receive that returns its unit.
#pragma once

#include <array>
#include <cstddef>

#include <pool/basic/sync.hpp>
#include <pool/bounded/waiting.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>

namespace pool::priority {

using bounded::Deadline;
using bounded::Receive;
using bounded::Send;
using bounded::Waiting;

class PriorityChannel {
 public:
  class Room;

  // Capacity 0 is no limit; ageing 0 is no ageing. Throws std::invalid_argument for an impossible capacity or a negative
  // ageing. The clock must outlive the channel.
  PriorityChannel(std::size_t capacity, Duration ageing, Clock& clock);

  // Appends the unit to its priority's level. If the outcome is not ok, the unit stays with the caller. So it does if it
  // is over: then it was sent, and needs no room; whether it is, is looked at under the lock that withdraw() takes.
  Send send(UnitPtr& unit, const Deadline& deadline);

  // The same without waiting. If there is no room, the oldest unit of the lowest priority leaves for it, into
  // `displaced`, unless that is higher than the new one's: then the new one is what is displaced.
  Send send_displacing(UnitPtr& unit, UnitPtr& displaced);

  // Sets room aside for one unit, and fills it: see bounded::BoundedChannel.
  Send reserve(Room& room, const Deadline& deadline);
  Send send(Room&& room, UnitPtr& unit);

  // Waits for a unit and takes the one whose turn it is. Null: the channel is closed, and nothing is left.
  [[nodiscard]] UnitPtr receive();

  // Takes out a unit that is queued, wherever it stands, and makes its room free. Null if it is not queued (any more).
  [[nodiscard]] UnitPtr withdraw(Unit& unit);

  // From now on sends fail. Wakes every sender and every receiver. Closing again does nothing.
  void close() { waiting_.close(); }

  // Takes everything that is queued, without waiting; high priorities first.
  [[nodiscard]] UnitList drain();

  [[nodiscard]] std::size_t capacity() const { return waiting_.capacity(); }  // 0: no limit
  [[nodiscard]] std::size_t size() const { return waiting_.queued(); }
  [[nodiscard]] Waiting::Stats stats() const { return waiting_.stats(); }

 private:
  using Visit = Waiting::Visit;
  using Levels = std::array<UnitList, kLevels>;

  void note_time(Unit& unit);
  static Send wait_for_room(Visit& visit, const Unit& unit, const Deadline& deadline);
  void append(Visit& visit, UnitPtr& unit);
  UnitPtr take_next(Visit& visit);
  UnitPtr take_oldest_not_above(Visit& visit, Priority priority);

  Waiting waiting_;
  Clock& clock_;
  const Duration ageing_;
  sync::cell<Levels> levels_;  // guarded by the lock of a Visit
};

// Room for one unit, set aside by reserve(). Unused, it is given back at the end of the object's life.
class PriorityChannel::Room {
 public:
  Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    if (waiting_ != nullptr) Visit(*waiting_).given_back();
  }

 private:
  friend PriorityChannel;
  Waiting* waiting_ = nullptr;
};

}  // namespace pool::priority

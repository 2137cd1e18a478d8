// Room: how much is queued in a pool of limited capacity, and whether there is room for more: a Waiting (stage 02), under
// one lock; and two counters for what takes no room. Where there is no limit, nobody asks.
// Thread safety: every member may be called from any thread. At most 2^32 - 1 may be queued that take no room.
// Invariants:  (G1) what takes room and is queued or reserved is at most the capacity
//              (G2) what stats() gives is never contradictory: queued <= high_water, queued <= sent
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/bounded/waiting.hpp>

namespace pool::stealing {

using bounded::Deadline;
using bounded::Send;

class Room {
 public:
  // Throws std::invalid_argument for an impossible capacity. 0: no limit.
  explicit Room(std::size_t capacity) : waiting_(capacity) {}

  // Sets room aside for one unit, if there is a limit: then fill() it, or give it back.
  Send reserve(const Deadline& deadline);
  void give_back();

  // One unit is queued; fill() is false if that was closed, and nothing has changed then. One is not queued any more.
  // `takes_room`: there was room set aside for it.
  [[nodiscard]] bool fill(bool takes_room);
  void enter(bool takes_room);  // closed or not
  void leave(bool takes_room);
  void pass() { sent_.fetch_add(1, std::memory_order_relaxed); }  // both at once: it was never queued

  void close() { waiting_.close(); }  // wakes whoever waits for room

  [[nodiscard]] bool limited() const { return waiting_.capacity() != 0; }
  // If some units take room and others do not, high_water is the most of the ones and of the others: an upper bound.
  [[nodiscard]] bounded::Waiting::Stats stats() const;

 private:
  using Visit = bounded::Waiting::Visit;
  void add(Visit& visit, bool takes_room);
  [[nodiscard]] static std::uint64_t low(std::uint64_t both) { return both & 0xffff'ffffU; }

  bounded::Waiting waiting_;
  alignas(64) sync::atomic<std::uint64_t> sent_{0};
  sync::atomic<std::uint64_t> queued_{0};  // how many now; in the upper half, the most there ever were
};

inline Send Room::reserve(const Deadline& deadline) {
  if (!limited()) return Send::ok;
  Visit visit(waiting_);
  const Send sent = visit.wait_for_room(deadline);
  if (sent == Send::ok) visit.reserved();
  return sent;
}

inline void Room::give_back() {
  if (limited()) Visit(waiting_).given_back();
}

inline bool Room::fill(bool takes_room) {
  Visit visit(waiting_);
  if (visit.closed()) return false;
  add(visit, takes_room);
  return true;
}

inline void Room::enter(bool takes_room) {
  Visit visit(waiting_);
  add(visit, takes_room);
}

inline void Room::add(Visit& visit, bool takes_room) {
  if (takes_room) {
    visit.given_back();
    return visit.sent();
  }
  sent_.fetch_add(1, std::memory_order_relaxed);
  std::uint64_t both = queued_.load(std::memory_order_relaxed);
  std::uint64_t more = 0;
  do {
    const std::uint64_t queued = low(both) + 1;
    more = std::max(both >> 32U, queued) << 32U | queued;
  } while (!queued_.compare_exchange_weak(both, more, std::memory_order_release,  // [counted] pairs with stats()
                                          std::memory_order_relaxed));
}

inline void Room::leave(bool takes_room) {
  if (takes_room && limited()) return Visit(waiting_).received();
  queued_.fetch_sub(1, std::memory_order_relaxed);
}

inline bounded::Waiting::Stats Room::stats() const {
  bounded::Waiting::Stats stats = waiting_.stats();
  const std::uint64_t both = queued_.load(std::memory_order_acquire);  // [counted] before the load of sent_
  stats.queued += low(both);
  stats.high_water += both >> 32U;
  stats.sent += sent_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace pool::stealing

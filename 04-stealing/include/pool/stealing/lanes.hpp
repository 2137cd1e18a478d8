// Lanes: what is queued at one worker, a deque for each priority. A lane is made when it is first used, so that a
// thousand workers that do little stay small.
//
// Thread safety: push(), take(), take_oldest(), make_room(), place() and the destructor belong to the owner, who may
// change if the lanes are handed over with a happens-before; the others may be called from any thread.
// Invariants:  (N1) a unit that was pushed is taken or stolen exactly once
//              (N2) a level that has work has its bit in occupied(); one that has none may have it, until its owner looks
// Memory ordering: what happens before a push is visible to whoever takes or steals the unit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>
#include <pool/stealing/deque.hpp>

namespace pool::stealing {

using priority::kLevels;
using priority::level_of;
using priority::Time;
using priority::Unit;
using priority::UnitPtr;

class Lanes {
 public:
  Lanes() = default;
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes();

  // Sees to it that so many more units of the level can be pushed without an allocation; at first there is room for 64.
  // Throws std::bad_alloc.
  void make_room(std::size_t level, std::size_t many = 1);
  [[nodiscard]] bool full(std::size_t level) const;  // the next push of the level would need one
  void push(UnitPtr unit);                           // after make_room()

  // The newest unit of the level; the oldest. Null: there is none.
  [[nodiscard]] UnitPtr take(std::size_t level);
  [[nodiscard]] UnitPtr take_oldest(std::size_t level);

  // Where the next unit of the level will lie: see Deque::place().
  [[nodiscard]] std::uint64_t place(std::size_t level) const;

  // A bit for each level; see N2.
  [[nodiscard]] unsigned occupied() const { return occupied_.load(std::memory_order_acquire); }  // [occupied]

  // The oldest unit of the level, if `ok`.
  Steal steal(std::size_t level, UnitPtr& unit);

  // Since when the oldest unit of the level has waited.
  [[nodiscard]] std::optional<Time> oldest(std::size_t level) const;

  [[nodiscard]] std::size_t size(std::size_t level) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  using Lane = Deque<Unit>;
  [[nodiscard]] Lane* lane(std::size_t level) const { return lanes_[level].load(std::memory_order_acquire); }  // [lane]
  [[nodiscard]] bool has(std::size_t level) const { return (occupied() >> level & 1U) != 0; }
  void note(std::size_t level, bool occupied);

  std::array<sync::atomic<Lane*>, kLevels> lanes_{};  // written by the owner
  sync::atomic<unsigned> occupied_{0};                // written by the owner
};

}  // namespace pool::stealing

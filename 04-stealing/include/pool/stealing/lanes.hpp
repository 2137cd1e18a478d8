// Lanes: what is queued at one worker, a deque for each priority. A lane is made when it is first used, so that a
// thousand workers that do little stay small.
//
// Thread safety: push(), take(), make_room(), full(), bottom() and the destructor belong to the owner, who may
// change if the lanes are handed over with a happens-before; the others may be called from any thread.
// Invariants:  (N1) a cell that was pushed is taken or stolen exactly once
//              (N2) a level that has work has its bit in occupied(); one that has none may have it, until its owner looks
// Memory ordering: what happens before a push is visible to whoever takes or steals the cell.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/stealing/cell.hpp>
#include <pool/stealing/deque.hpp>

namespace pool::stealing {

using priority::kLevels;
using priority::Time;

class Lanes {
 public:
  Lanes() = default;
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes();  // they are empty

  // Sees to it that so many more cells of the level can be pushed without an allocation; at first there is room for 64.
  // Throws std::bad_alloc.
  void make_room(std::size_t level, std::size_t many = 1);
  [[nodiscard]] bool full(
      std::size_t level) const;  // the next push of the level would need one; a new lane is not full
  [[nodiscard]] bool has_room(std::size_t level) const {
    const Lane* const made = lane(level);
    return made != nullptr && !made->full();
  }
  // When there is room. `whole`: what it is part of, or null.
  void push(std::size_t level, Cell& cell, Time since, const void* whole = nullptr) {
    note(level, true);  // before it, and taken back only by us, when we have seen that there is nothing: N2
    lane(level)->put(&cell, since.time_since_epoch().count(), whole);
  }

  // The newest cell of the level. Null: there is none.
  [[nodiscard]] Cell* take(std::size_t level) { return has(level) ? take_from(level) : nullptr; }

  // Since when the newest has waited, if there is one: see Deque::newest_stamp().
  [[nodiscard]] Time newest(std::size_t level) const { return Time(Time::duration(lane(level)->newest_stamp())); }
  // What it is part of.
  [[nodiscard]] const void* newest_whole(std::size_t level) const { return lane(level)->newest_whole(); }

  // A bit for each level that has a lane.
  [[nodiscard]] unsigned made() const { return made_; }

  // Where the next cell of the level will lie: see Deque::bottom().
  [[nodiscard]] std::uint64_t bottom(std::size_t level) const {
    const Lane* const of = lane(level);
    return of == nullptr ? 0 : of->bottom();
  }

  // A bit for each level; see N2.
  [[nodiscard]] unsigned occupied() const { return occupied_.load(std::memory_order_acquire); }  // [occupied]

  // The oldest cell of the level, if `ok`.
  Steal steal(std::size_t level, Cell*& cell);
  // The same, if it is part of that.
  Steal steal_part_of(const void* whole, std::size_t level, Cell*& cell);

  // Since when the oldest cell of the level has waited.
  [[nodiscard]] std::optional<Time> oldest(std::size_t level) const;

  // As Deque::size(), even if the lane is new.
  [[nodiscard]] std::size_t size(std::size_t level) const {
    const Lane* const of = lane(level);
    return of == nullptr ? 0 : of->size();
  }
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  using Lane = Deque<Cell, true>;
  // seq_cst, as the push into it and the size of it: who comes second sees a lane that is new, too (see Parking).
  [[nodiscard]] Lane* lane(std::size_t level) const { return lanes_[level].load(std::memory_order_seq_cst); }  // [lane]
  [[nodiscard]] bool has(std::size_t level) const { return (occupied() >> level & 1U) != 0; }
  Cell* take_from(std::size_t level) {
    Cell* const cell = lane(level)->take();
    if (cell == nullptr) note(level, false);
    return cell;
  }
  void note(std::size_t level, bool occupied) {
    if (has(level) == occupied) return;
    occupied_.store(occupied_.load(std::memory_order_relaxed) ^ 1U << level,
                    std::memory_order_release);  // [occupied] pairs with occupied()
  }

  std::array<sync::atomic<Lane*>, kLevels> lanes_{};  // written by the owner
  sync::atomic<unsigned> occupied_{0};                // written by the owner
  unsigned made_ = 0;                                 // the owner's
};

}  // namespace pool::stealing

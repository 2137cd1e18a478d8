// Claim: a batch of cells that a worker has claimed and not started. Everybody may take from it, the oldest first.
//
// Thread safety: fill() belongs to the owner, who may change if he is handed over with a happens-before, and only when
// the claim is empty; the others may be called from any thread.
// Invariants:  (L1) a cell that was put in is taken exactly once
//              (L2) the oldest goes first
//              (L3) a claim that is filled again is not taken for the one before: every fill() has a tag of its own
// Memory ordering: what happens before fill() is visible to whoever takes a cell of it. fill() is seq_cst, and so is
// empty(): see Parking.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/stealing/chunk.hpp>

namespace pool::stealing {

using priority::Time;

// Cells `begin` to `end` of a chunk, and since when the first of them has waited.
struct Batch {
  Chunk* chunk = nullptr;
  std::size_t begin = 0, end = 0;
  Time since{};
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

class Claim {
 public:
  void fill(const Batch& batch);

  // The oldest; null: it is empty.
  [[nodiscard]] Cell* take();

  [[nodiscard]] std::size_t size() const { return size_of(range_.load(std::memory_order_seq_cst)); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  // Since when its batch has waited, if there is something left of it.
  [[nodiscard]] std::optional<Time> since() const;

 private:
  // A tag, and the cells that are left: from begin to end.
  using Range = std::uint64_t;
  static constexpr Range range(Range tag, std::size_t begin, std::size_t end) {
    return tag << 32U | static_cast<Range>(begin) << 16U | static_cast<Range>(end);
  }
  static constexpr Range tag_of(Range range) { return range >> 32U; }
  static constexpr std::size_t begin_of(Range range) { return range >> 16U & 0xffffU; }
  static constexpr std::size_t end_of(Range range) { return range & 0xffffU; }
  static constexpr std::size_t size_of(Range range) { return end_of(range) - begin_of(range); }

  sync::atomic<Range> range_{0};
  sync::atomic<Chunk*> chunk_{nullptr};
  sync::atomic<std::int64_t> since_{0};
};

// What a worker has claimed, a batch for each level.
//
// Thread safety: fill() and forget() belong to the owner; the others may be called from any thread.
// Invariant:  (L4) a level that has a batch has its bit in occupied(); one that has none may have it until its owner looks
class Claims {
 public:
  void fill(std::size_t level, const Batch& batch) {
    note(level, true);
    of_[level].fill(batch);
  }
  [[nodiscard]] Cell* take(std::size_t level) { return of_[level].take(); }
  void forget(std::size_t level) { note(level, false); }  // it is empty

  [[nodiscard]] bool has(std::size_t level) const { return (occupied() >> level & 1U) != 0; }
  [[nodiscard]] unsigned occupied() const { return occupied_.load(std::memory_order_acquire); }  // [occupied]
  [[nodiscard]] const Claim& operator[](std::size_t level) const { return of_[level]; }
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for (const Claim& claim : of_) sum += claim.size();
    return sum;
  }

 private:
  void note(std::size_t level, bool occupied) {
    if (has(level) == occupied) return;
    occupied_.store(occupied_.load(std::memory_order_relaxed) ^ 1U << level,
                    std::memory_order_release);  // [occupied] pairs with occupied()
  }

  std::array<Claim, priority::kLevels> of_;
  sync::atomic<unsigned> occupied_{0};  // written by the owner
};

// #region fill
inline void Claim::fill(const Batch& batch) {
  const Range tag = tag_of(range_.load(std::memory_order_relaxed)) + 1;
  chunk_.store(batch.chunk, std::memory_order_release);  // [chunk] pairs with take(): who reads it early, fails
  since_.store(batch.since.time_since_epoch().count(), std::memory_order_relaxed);
  range_.store(range(tag, batch.begin, batch.end), std::memory_order_seq_cst);  // [filled] pairs with take()
}
// #endregion fill

// #region take
inline Cell* Claim::take() {
  Range left = range_.load(std::memory_order_acquire);  // [filled]
  while (size_of(left) != 0) {
    Chunk* const chunk = chunk_.load(std::memory_order_acquire);  // [chunk] of this batch, or we fail
    const Range less = range(tag_of(left), begin_of(left) + 1, end_of(left));
    if (range_.compare_exchange_weak(left, less, std::memory_order_acq_rel, std::memory_order_acquire))
      return &(*chunk)[begin_of(left)];
  }
  return nullptr;
}
// #endregion take

inline std::optional<Time> Claim::since() const {
  if (size_of(range_.load(std::memory_order_acquire)) == 0) return std::nullopt;
  return Time(Time::duration(since_.load(std::memory_order_relaxed)));
}

}  // namespace pool::stealing

// Stream: a queue of cells in chunks that one thread fills, and several empty in batches.
//
//   first                                                         last
//   [finished … | claimed … | waits …] -> [waits …] -> [waits … | written | ]
//                           ^ head                          tail ^
//
// The producer writes cells, then publishes them all at once: one store. The takers agree under a lock.
// Thread safety: append(), publish(), take_back() and written() belong to the producer, who may change if it is handed
// over with a happens-before; the others may be called from any thread.
// Invariants:  (M1) a cell that was published is claimed exactly once, in its order, or taken back
//              (M2) a unit stands where it says (at, position) as long as its position is not below the head
//              (M3) whoever makes the stream listed counts it, and whoever makes it unlisted discounts it; one that has
//                   something is listed, or somebody who found it empty is about to look again
//              (M4) no code of the user runs under the lock
// Memory ordering: what happens before publish() is visible to whoever claims what it published. publish() is seq_cst:
// see Parking.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/unit.hpp>
#include <pool/stealing/chunk.hpp>
#include <pool/stealing/claim.hpp>

namespace pool::stealing {

using priority::Duration;

class Stream {
 public:
  explicit Stream(Chunks& chunks) : chunks_(chunks) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  // Calls fill(cell, position) for the next cell; it lies behind all others, and nobody sees it yet. Throws what fill
  // throws, and std::bad_alloc; then nothing has changed.
  template <class Fill>
  void append(Time since, Fill&& fill);
  void make_room() {  // now, if the next append() would have to: that does not throw std::bad_alloc, then
    if (last_ == nullptr || written_ - last_->start == chunks_.cells()) grow();
  }

  // What was appended can be claimed now. True: the stream was unlisted, and is listed from now on.
  [[nodiscard]] bool publish();

  // Takes back what was written from that position on, but for what was claimed or removed already: calls refuse(cell)
  // with each cell, which empties it, and must not use the stream. How many that were.
  template <class Refuse>
  std::size_t take_back(std::uint64_t from, Refuse&& refuse);

  // From now on nobody claims what is published after this: the producer will take it back. The first close() counts.
  void close();

  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t sent() const { return tail_.load(std::memory_order_seq_cst); }  // published, ever

  [[nodiscard]] bool listed() const { return listed_.load(std::memory_order_acquire); }

  // The oldest cells: a fair share of what there is for one of so many, but at most `most`, and none that is younger than
  // the first by more than `spread`. `change`: whether the stream was listed by this call (+1), or unlisted (-1). With
  // the time it looks at the last of them only if the first has waited for longer than `spread`: its line is still with
  // the producer. (What was published since then counts as published then.)
  [[nodiscard]] Batch claim(std::size_t most, std::size_t shares, Duration spread, int& change, Time now = Time::max());

  // Since when its oldest cell has waited.
  [[nodiscard]] std::optional<Time> oldest();

  // Takes out a unit that was published, if nobody has claimed it. Null otherwise.
  [[nodiscard]] UnitPtr remove(Unit& unit);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const {
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    return sent() == head;
  }

 private:
  static constexpr std::int64_t kTick = 1000;  // ns; stamps count in these

  void grow();
  [[nodiscard]] std::uint32_t stamp(Time since);
  [[nodiscard]] std::uint32_t ticks() const;
  [[nodiscard]] Chunk* cut(std::uint64_t from);
  void rebase(std::int64_t now);
  [[nodiscard]] static Time since(Chunk& chunk, std::size_t index);
  [[nodiscard]] std::uint64_t end(std::memory_order order) const { return std::min(limit_.read(), tail_.load(order)); }
  [[nodiscard]] bool skip(std::uint64_t tail);
  void pass_chunk();
  void unlink_removed(Chunk& chunk);
  [[nodiscard]] std::size_t at_head() const { return static_cast<std::size_t>(head() - first_.read()->start); }
  [[nodiscard]] std::uint64_t head() const { return head_.load(std::memory_order_relaxed); }

  // read by all, seldom written
  Chunks& chunks_;
  sync::atomic<bool> listed_{false};

  // the producer's
  alignas(64) Chunk* last_ = nullptr;
  std::uint64_t written_ = 0;
  Time latest_{};            // that anything was appended with,
  std::uint32_t stamp_ = 0;  // and its stamp

  alignas(64) sync::atomic<std::uint64_t> tail_{0};  // up to here it is published; by the producer, or with mutex_ held

  // the takers'
  alignas(64) sync::mutex mutex_;
  sync::cell<Chunk*> first_{nullptr};            // guarded by mutex_, once something was published
  sync::cell<std::uint64_t> limit_{UINT64_MAX};  // guarded by mutex_; beyond it nobody claims
  sync::atomic<std::uint64_t> head_{0};          // written with mutex_ held
};

template <class Fill>
void Stream::append(Time since, Fill&& fill) {
  make_room();
  const auto index = static_cast<std::size_t>(written_ - last_->start);
  Cell& cell = (*last_)[index];
  sync::prefetch_for_write(&cell + Chunk::kAhead);  // another core has used it last
  cell.stamp = stamp(since);
  fill(cell, written_);
  ++written_;
}

// In order: what comes later is not older, even if it has waited for room. Stamps count anew in each chunk, and when
// nothing waits: so they reach far enough, unless it takes 71 minutes to fill one, and something waits all the time.
inline std::uint32_t Stream::stamp(Time since) {
  if (since <= latest_ && written_ != last_->start) return stamp_;  // the clock that is read for that is a coarse one
  latest_ = std::max(latest_, since);
  const std::int64_t now = latest_.time_since_epoch().count();
  if (written_ == last_->start) last_->base = now;
  if (ticks() > UINT32_MAX / 2) rebase(now);
  return stamp_ = ticks();
}

// The stamp of latest_ in the last chunk; the last stamp that there is, if it is beyond that.
inline std::uint32_t Stream::ticks() const {
  const std::int64_t elapsed = latest_.time_since_epoch().count() - last_->base;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(elapsed / kTick, UINT32_MAX));
}

// #region publish
inline bool Stream::publish() {
  tail_.store(written_, std::memory_order_seq_cst);           // [published] pairs with claim(); and first this, …
  if (listed_.load(std::memory_order_seq_cst)) return false;  // [listed] … then that: claim() does the opposite
  return !listed_.exchange(true, std::memory_order_seq_cst);
}
// #endregion publish

template <class Refuse>
std::size_t Stream::take_back(std::uint64_t from, Refuse&& refuse) {
  if (from >= written_) return 0;
  const std::uint64_t end = written_;
  Chunk* rest = cut(from);
  std::size_t refused = 0;
  const auto refuse_all = [&](Chunk& chunk, std::uint64_t begin) {
    for (std::uint64_t at = begin; at < std::min<std::uint64_t>(end, chunk.start + chunks_.cells()); ++at) {
      Cell& cell = chunk[static_cast<std::size_t>(at - chunk.start)];
      if (cell.empty()) continue;  // it was removed
      refuse(cell);
      ++refused;
    }
  };
  refuse_all(*last_, written_);
  while (rest != nullptr) {
    Chunk& chunk = *std::exchange(rest, rest->next.load(std::memory_order_relaxed));
    refuse_all(chunk, chunk.start);
    chunks_.finished(chunk, chunks_.cells() + 1);
  }
  return refused;
}

inline std::size_t Stream::size() const {
  const std::uint64_t head = head_.load(std::memory_order_acquire);  // first: it is never above the tail
  return static_cast<std::size_t>(tail_.load(std::memory_order_acquire) - head);
}

}  // namespace pool::stealing

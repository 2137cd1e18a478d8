#include <pool/stealing/stream.hpp>

#include <algorithm>
#include <utility>

namespace pool::stealing {

Stream::~Stream() {
  if (last_ == nullptr) return;
  static_cast<void>(publish());  // what was only appended goes, too
  int change = 0;
  for (;;) {
    const Batch batch = claim(chunks_.cells(), 1, Duration::max(), change);
    if (batch.chunk == nullptr) break;
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      Cell& cell = (*batch.chunk)[i];
      static_cast<void>(basic::catching([&] {
        if (!cell.empty()) cell.drop();
      }));
    }
    chunks_.finished(*batch.chunk, batch.size());
  }
  while (first_.read() != last_) pass_chunk();  // the last one may have nothing in it
  chunks_.finished(*last_, chunks_.cells() - static_cast<std::size_t>(written_ - last_->start) + 1);
}

// --- the producer ----------------------------------------------------------------------------------------------------

void Stream::grow() {
  Chunk* const next = &chunks_.take();
  next->start = written_;
  next->before.write() = last_;
  if (last_ == nullptr) {
    first_.write() = next;
  } else {
    last_->next.store(next, std::memory_order_release);  // [next] pairs with pass_chunk()
  }
  last_ = next;
}

// From now on the stream ends at that position; at the head, if that is beyond it; and before what was removed there
// with its whole chunk. Gives the chunks behind the end, linked by `next`.
Chunk* Stream::cut(std::uint64_t from) {
  const auto lock = sync::lock_spinning(mutex_);
  const std::uint64_t end = std::max(from, head());
  while (last_->start > end) last_ = last_->before.read();
  written_ = std::min<std::uint64_t>(end, last_->start + chunks_.cells());
  tail_.store(written_, std::memory_order_seq_cst);
  stamp_ = ticks();
  last_->removed = 0;  // behind the end nothing is removed any more; so this chunk may not be unlinked, and that is all
  return last_->next.exchange(nullptr, std::memory_order_relaxed);
}

void Stream::rebase(std::int64_t now) {
  if (written_ != head_.load(std::memory_order_acquire)) return;  // [head] not all stamps were read
  last_->base = now;
}

// --- the takers ------------------------------------------------------------------------------------------------------

// With the lock held, of a cell that waits.
Time Stream::since(Chunk& chunk, std::size_t index) {
  return Time(Time::duration(chunk.base + kTick * std::int64_t{chunk[index].stamp}));
}

// With the lock held: goes on to the next cell that waits. False: there is none.
bool Stream::skip(std::uint64_t tail) {
  while (head() != tail) {
    if (at_head() == chunks_.cells()) {
      pass_chunk();
    } else if (first_.read()->removed != 0 && (*first_.read())[at_head()].empty()) {
      chunks_.finished(*first_.read(), 1);
      head_.store(head() + 1, std::memory_order_release);
    } else {
      return true;
    }
  }
  return false;
}

void Stream::pass_chunk() {
  Chunk* const passed = first_.read();
  Chunk* const next = passed->next.load(std::memory_order_acquire);  // [next]
  first_.write() = next;
  head_.store(next->start, std::memory_order_release);  // those between were unlinked: see remove()
  chunks_.finished(*passed, 1);
}

void Stream::close() {
  const auto lock = sync::lock_spinning(mutex_);
  const std::uint64_t tail = tail_.load(std::memory_order_seq_cst);  // [closing]
  limit_.write() = std::min(limit_.read(), tail);                    // who closes it later finds what comes too late
}

// #region claim
Batch Stream::claim(std::size_t most, std::size_t shares, Duration spread, int& change, Time now) {
  const auto lock = sync::lock_spinning(mutex_);
  if (!skip(end(std::memory_order_acquire))) {  // [published]
    if (!listed_.exchange(false, std::memory_order_seq_cst)) return {};
    --change;  // [listed] first this, then a look: the producer does the opposite
    if (!skip(end(std::memory_order_seq_cst))) return {};
    if (!listed_.exchange(true, std::memory_order_seq_cst)) ++change;
  }
  Chunk& chunk = *first_.read();
  const std::size_t begin = at_head();
  const auto waiting = static_cast<std::size_t>(end(std::memory_order_acquire) - head());
  const std::size_t share = std::min({most, (waiting + shares - 1) / shares, chunks_.cells() - begin});
  Batch batch{&chunk, begin, begin + share, since(chunk, begin)};
  if (now - batch.since > spread) {
    while (since(chunk, batch.end - 1) - batch.since > spread) --batch.end;
  }
  head_.store(head() + batch.size(), std::memory_order_release);  // [head] pairs with stamp()
  return batch;
}
// #endregion claim

std::optional<Time> Stream::oldest() {
  const auto lock = sync::lock_spinning(mutex_);
  if (!skip(end(std::memory_order_acquire))) return std::nullopt;
  return since(*first_.read(), at_head());
}

UnitPtr Stream::remove(Unit& unit) {
  const auto lock = sync::lock_spinning(mutex_);
  if (unit.position < head() || unit.position >= tail_.load(std::memory_order_acquire)) return nullptr;
  Cell& cell = *static_cast<Cell*>(unit.at);
  UnitPtr removed = cell.take_unit();
  Chunk& chunk = cell.chunk();
  ++chunk.removed;
  if (&chunk != first_.read()) {
    unlink_removed(*chunk.before.read());  // which was the last one, perhaps, when the last of it was removed
    unlink_removed(chunk);
  }
  return removed;
}

// With the lock held: a chunk of which all was removed goes, if neither the takers nor the producer are there.
void Stream::unlink_removed(Chunk& chunk) {
  Chunk* const next = chunk.next.load(std::memory_order_acquire);  // [next]
  if (chunk.removed != chunks_.cells() || &chunk == first_.read() || next == nullptr) return;
  Chunk* const before = chunk.before.read();
  before->next.store(next, std::memory_order_release);
  next->before.write() = before;
  chunks_.finished(chunk, chunks_.cells() + 1);
}

}  // namespace pool::stealing

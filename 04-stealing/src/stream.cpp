#include <pool/stealing/stream.hpp>

#include <algorithm>
#include <utility>

namespace pool::stealing {

Stream::~Stream() {
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
  if (last_ == nullptr) return;
  if (first_.read() != last_) chunks_.finished(*first_.read(), 1);  // nothing was published behind it
  if (last_->next.load(std::memory_order_relaxed) != nullptr)       // see take_back()
    chunks_.finished(*last_->next.load(std::memory_order_relaxed), chunks_.cells() + 1);
  chunks_.finished(*last_, chunks_.cells() - static_cast<std::size_t>(written_ - last_->start) + 1);
}

// --- the producer ----------------------------------------------------------------------------------------------------

void Stream::grow() {
  Chunk* next = last_ != nullptr ? last_->next.load(std::memory_order_relaxed) : nullptr;  // see take_back()
  if (next == nullptr) {
    next = &chunks_.take();
    next->start = written_;
    next->before = last_;
    if (last_ == nullptr) {
      first_.write() = next;
    } else {
      last_->next.store(next, std::memory_order_release);  // [next] pairs with pass_chunk()
    }
  }
  last_ = next;
}

void Stream::rebase(std::int64_t now) {
  if (written_ == head_.load(std::memory_order_acquire))
    base_.store(now, std::memory_order_relaxed);  // [head] all were
}  // read

// --- the takers ------------------------------------------------------------------------------------------------------

Time Stream::since(std::uint32_t stamp) const {
  return Time(Time::duration(base_.load(std::memory_order_relaxed) + kTick * std::int64_t{stamp}));
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

Batch Stream::claim(std::size_t most, std::size_t shares, Duration spread, int& change) {
  const auto lock = sync::lock_spinning(mutex_);
  if (!skip(tail_.load(std::memory_order_acquire))) {  // [published]
    if (!listed_.exchange(false, std::memory_order_seq_cst)) return {};
    --change;  // [listed] first this, then a look: the producer does the opposite
    if (!skip(tail_.load(std::memory_order_seq_cst))) return {};
    if (!listed_.exchange(true, std::memory_order_seq_cst)) ++change;
  }
  Chunk& chunk = *first_.read();
  const std::size_t begin = at_head();
  const auto waiting = static_cast<std::size_t>(tail_.load(std::memory_order_acquire) - head());
  const std::size_t share = std::min({most, (waiting + shares - 1) / shares, chunks_.cells() - begin});
  Batch batch{&chunk, begin, begin + share, since(chunk.stamp(begin))};
  while (since(chunk.stamp(batch.end - 1)) - batch.since > spread) --batch.end;  // as a rule, not once
  head_.store(head() + batch.size(), std::memory_order_release);                 // [head] pairs with stamp()
  return batch;
}

std::optional<Time> Stream::oldest() {
  const auto lock = sync::lock_spinning(mutex_);
  if (!skip(tail_.load(std::memory_order_acquire))) return std::nullopt;
  return since(first_.read()->stamp(at_head()));
}

UnitPtr Stream::remove(Unit& unit) {
  const auto lock = sync::lock_spinning(mutex_);
  if (unit.position < head() || unit.position >= tail_.load(std::memory_order_acquire)) return nullptr;
  Cell& cell = *static_cast<Cell*>(unit.at);
  UnitPtr removed = cell.take_unit();
  Chunk& chunk = Chunk::of(cell);
  Chunk* const next = chunk.next.load(std::memory_order_acquire);
  if (++chunk.removed == chunks_.cells() && &chunk != first_.read() && next != nullptr) {
    chunk.before->next.store(next, std::memory_order_release);
    next->before = chunk.before;
    chunks_.finished(chunk, chunks_.cells() + 1);
  }
  return removed;
}

}  // namespace pool::stealing

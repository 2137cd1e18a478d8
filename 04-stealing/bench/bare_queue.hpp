// BareQueue: the least that is a queue for the price ladder. One thread fills chunks, and publishes by a release store;
// those who take agree under a lock. What Stream has besides: it is published by a seq_cst store, so that one may fall
// asleep beside it; it has ages; and what is in it can be taken out, or back.
//
// Thread safety: append() and publish() belong to the producer; the others may be called from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <utility>

#include <pool/stealing/stream.hpp>

namespace bench {

using namespace pool::stealing;
namespace sync = pool::sync;

class BareQueue {
 public:
  explicit BareQueue(Chunks& chunks) : chunks_(chunks), last_(&chunks.take()), first_(last_) { last_->start = 0; }
  ~BareQueue() { chunks_.finished(*last_, chunks_.cells() - (written_ - last_->start) + 1); }

  void append(Time, auto&& fill) {
    if (written_ - last_->start == chunks_.cells()) {
      Chunk& next = chunks_.take();
      next.start = written_;
      last_->next.store(&next, std::memory_order_release);
      last_ = &next;
    }
    Cell& cell = (*last_)[written_ - last_->start];
    sync::prefetch_for_write(&cell + Chunk::kAhead);
    fill(cell, written_);
    ++written_;
  }
  bool publish() { return tail_.store(written_, std::memory_order_release), false; }
  [[nodiscard]] std::uint64_t sent() const { return tail_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t size() const {
    const std::uint64_t head = head_.load(std::memory_order_acquire);  // first: it is never above the tail
    return sent() - head;
  }
  Batch claim(std::size_t most, std::size_t shares, Duration, int&) {
    const auto lock = sync::lock_spinning(mutex_);
    const std::uint64_t head = head_.load(std::memory_order_relaxed), waiting = sent() - head;
    if (waiting == 0) return {};
    if (head - first_->start == chunks_.cells())
      chunks_.finished(*std::exchange(first_, first_->next.load(std::memory_order_acquire)), 1);
    const std::size_t begin = head - first_->start;
    const std::size_t share = std::min({most, (waiting + shares - 1) / shares, chunks_.cells() - begin});
    head_.store(head + share, std::memory_order_release);
    return {first_, begin, begin + share, {}};
  }

 private:
  Chunks& chunks_;
  alignas(64) Chunk* last_;  // the producer's, as is written_
  std::uint64_t written_ = 0;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) sync::mutex mutex_;
  Chunk* first_;                        // guarded by mutex_
  std::atomic<std::uint64_t> head_{0};  // written with mutex_ held
};

}  // namespace bench

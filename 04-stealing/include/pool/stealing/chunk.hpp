// Chunk: 16 KiB of cells. Chunks: where a pool's chunks come from and go to.
//
// A chunk is filled from its beginning to its end, and used again when all of its cells are finished and the queue that
// it is in has let go of it. So a pool in a steady state allocates nothing, and one that has done its work gives back
// all but a few.
//
// Thread safety: every member of Chunks may be called from any thread. What is in a Chunk belongs to its queue.
// Invariant:  (H1) nobody gets a chunk while a cell of it is in use, or the queue that it was in knows it
// Memory ordering: what was done to a chunk before finished() is visible to whoever gets it next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/stealing/cell.hpp>

namespace pool::stealing {

class Chunk {
 public:
  // As many as fit, with what else there is, and what malloc notes of the block.
  static constexpr std::size_t kCells = 16 * 1024 / sizeof(Cell) - 2;
  static constexpr std::size_t kAhead = 8;  // so many cells are fetched before they are wanted

  Cell& operator[](std::size_t index) { return cells_[index]; }

 private:
  friend class Cell;
  friend class Chunks;
  Chunk() {
    for (std::uint32_t i = 0; i < kCells; ++i) cells_[i].index_ = i;
  }

  Cell cells_[kCells];  // the first member: see Cell::chunk()

 public:                               // what the queue it is in knows of it:
  std::uint64_t start = 0;             // the position of its first cell
  sync::atomic<Chunk*> next{nullptr};  // in the queue, or among the spare ones
  sync::cell<Chunk*> before{nullptr};
  std::size_t removed = 0;
  std::int64_t base = 0;  // what its cells' stamps count from

 private:
  sync::atomic<std::uint32_t> unfinished_{0};  // cells, and one for the queue that it is in
};

static_assert(sizeof(Chunk) <= 16 * 1024 - 64);

inline Chunk& Cell::chunk() {
  return *std::launder(reinterpret_cast<Chunk*>(this - index_));
}

class Chunks {
 public:
  static constexpr std::size_t kSpare = 16;

  // In each, so many cells are used; 0: all.
  explicit Chunks(std::size_t cells = 0) : cells_(cells == 0 ? Chunk::kCells : cells) {}
  Chunks(const Chunks&) = delete;
  Chunks& operator=(const Chunks&) = delete;
  ~Chunks() { trim(0); }

  [[nodiscard]] std::size_t cells() const { return cells_; }

  // An empty one. Throws std::bad_alloc.
  [[nodiscard]] Chunk& take();

  // So many of its cells are not used any more; and the queue that it was in is counted as one.
  void finished(Chunk& chunk, std::size_t many);

  // Gives back to the system what is spare, but for so many.
  void trim(std::size_t most = kSpare);

 private:
  const std::size_t cells_;
  alignas(64) sync::mutex mutex_;        // away from what is read for each job, here and in whoever has it
  sync::cell<Chunk*> spare_{nullptr};    // guarded by mutex_
  sync::atomic<std::size_t> spares_{0};  // written with mutex_ held
};

inline Chunk& Chunks::take() {
  Chunk* chunk = nullptr;
  {
    const auto lock = sync::lock_spinning(mutex_);
    chunk = spare_.read();
    if (chunk != nullptr) {
      spare_.write() = chunk->next.load(std::memory_order_relaxed);
      spares_.store(spares_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }
  }
  if (chunk == nullptr) chunk = new Chunk;
  chunk->next.store(nullptr, std::memory_order_relaxed);
  chunk->removed = 0;
  chunk->unfinished_.store(static_cast<std::uint32_t>(cells_ + 1), std::memory_order_relaxed);
  return *chunk;
}

inline void Chunks::finished(Chunk& chunk, std::size_t many) {
  const auto less = static_cast<std::uint32_t>(many);
  if (chunk.unfinished_.fetch_sub(less, std::memory_order_acq_rel) != less) return;  // [finished] pairs with itself
  const auto lock = sync::lock_spinning(mutex_);
  chunk.next.store(spare_.read(), std::memory_order_relaxed);
  spare_.write() = &chunk;
  spares_.store(spares_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

inline void Chunks::trim(std::size_t most) {
  if (spares_.load(std::memory_order_relaxed) <= most) return;
  Chunk* rest = nullptr;
  {
    const auto lock = sync::lock_spinning(mutex_);
    for (std::size_t spares = spares_.load(std::memory_order_relaxed); spares > most; --spares) {
      Chunk* const chunk = spare_.read();
      spare_.write() = chunk->next.load(std::memory_order_relaxed);
      chunk->next.store(rest, std::memory_order_relaxed);
      rest = chunk;
    }
    spares_.store(std::min(spares_.load(std::memory_order_relaxed), most), std::memory_order_relaxed);
  }
  while (rest != nullptr) delete std::exchange(rest, rest->next.load(std::memory_order_relaxed));
}

}  // namespace pool::stealing

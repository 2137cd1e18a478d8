// Claim: a batch of items in a row, which a worker has claimed and everybody may take from, the oldest first.
//
// Thread safety: fill() belongs to the owner, and only when the claim is empty; take() and empty() may be called by
// any thread.
// Invariants:  (L1) an item that was put in is taken exactly once, of what is there the oldest
//              (L2) a batch is not taken for another one, however late a thief comes
// Memory ordering: what happens before fill() is visible to whoever takes an item of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <pool/basic/sync.hpp>

namespace exercise {

template <class T>
class Claim {
 public:
  // The items row[begin] to row[end - 1]; at most 65,535 in a row.
  void fill(T* row, std::size_t begin, std::size_t end) {
    // #todo
    const Word tag = tag_of(range_.load(std::memory_order_relaxed)) + 1;  // [L2]
    row_.store(row, std::memory_order_release);  // [row] pairs with take(): a late thief who reads it, fails
    range_.store(tag << 32U | pack(begin, end), std::memory_order_release);  // [filled] pairs with take()
    // #instead
    // static_cast<void>(row);
    // static_cast<void>(begin);
    // static_cast<void>(end);
    // POOL_TODO("one word says which items there are, and another one where; which of them first?");
    // #end
  }

  // The oldest item; null: there is none.
  T* take() {
    // #todo
    Word range = range_.load(std::memory_order_acquire);  // [filled]
    while (size_of(range) != 0) {
      T* const row = row_.load(std::memory_order_acquire);  // [row] of this batch, or the exchange fails
      const Word less = range + pack(1, 0);                 // the same tag, the same end
      if (range_.compare_exchange_weak(range, less, std::memory_order_acq_rel, std::memory_order_acquire))
        return row + begin_of(range);
    }
    return nullptr;
    // #instead
    // return (POOL_TODO("look which items there are; then make them one less, if nobody else has done so"), nullptr);
    // #end
  }

  [[nodiscard]] bool empty() const { return size_of(range_.load(std::memory_order_acquire)) == 0; }

 private:
  using Word = std::uint64_t;  // where the batch begins and where it ends, in 16 bits each; 32 more are free
  static constexpr Word pack(std::size_t begin, std::size_t end) {
    return static_cast<Word>(begin) << 16U | static_cast<Word>(end);
  }
  static constexpr std::size_t begin_of(Word range) { return range >> 16U & 0xffffU; }
  static constexpr std::size_t end_of(Word range) { return range & 0xffffU; }
  static constexpr std::size_t size_of(Word range) { return end_of(range) - begin_of(range); }
  // #todo
  static constexpr Word tag_of(Word range) { return range >> 32U; }
  // #end

  pool::sync::atomic<Word> range_{0};
  pool::sync::atomic<T*> row_{nullptr};
};

}  // namespace exercise

// #todo
// Why this. A batch lies in a row, so two numbers say what is left of it, and both fit into one word: to take an item
// is one exchange of that word, for the owner and for a thief. No lock, and no list.
//
// Why the tag. A thief reads (0, 1) and the row, and is stopped. The owner takes that item and claims another batch,
// which lies elsewhere and is (0, 1) as well. The thief compares: the value is what he has read, so his exchange
// succeeds, and he goes off with an item of the old batch, for the second time; one of the new batch is taken by
// nobody. A comparison knows nothing of the past. So something of the past goes into the value: how many batches there
// were before. It has 32 bits. A thief would have to sleep through four billion of them, which is a bet; one bit would
// be the same bet with two.
//
// Why not look at the row once more before the exchange: the thief can be stopped after that look as well as before
// it. And two words are not exchanged in one step, as a rule.
//
// Why the row is stored first and read before the exchange. Whoever sees the new range sees its row: that is [filled].
// A thief with an old range may read the new row. Then he has seen a store that was made after his batch was gone, and
// his exchange cannot succeed any more: that is [row]. Read after the exchange, it might be that of the next batch
// already: the owner fills the claim as soon as it is empty.
// #end

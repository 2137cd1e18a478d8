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
#include <pool/testing/todo.hpp>

namespace exercise {

template <class T>
class Claim {
 public:
  // The items row[begin] to row[end - 1]; at most 65,535 in a row.
  void fill(T* row, std::size_t begin, std::size_t end) {
    static_cast<void>(row);
    static_cast<void>(begin);
    static_cast<void>(end);
    POOL_TODO("one word says which items there are, and another one where; which of them first?");
  }

  // The oldest item; null: there is none.
  T* take() {
    return (POOL_TODO("look which items there are; then make them one less, if nobody else has done so"), nullptr);
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

  pool::sync::atomic<Word> range_{0};
  pool::sync::atomic<T*> row_{nullptr};
};

}  // namespace exercise

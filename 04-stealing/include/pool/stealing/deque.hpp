// Deque<T>: a work-stealing deque of pointers. One thread, the owner, pushes and takes at the bottom, newest first; all
// others steal at the top, oldest first. It grows when it is full.
//
// (D. Chase and Y. Lev, "Dynamic circular work-stealing deque", SPAA 2005; the orders after N. M. Lê, A. Pop, A. Cohen
// and F. Zappa Nardelli, "Correct and efficient work-stealing for weak memory models", PPoPP 2013, with seq_cst
// operations in place of fences. That paper publishes a grown array with a relaxed store; it has to be a release: see
// [array].)
// Thread safety: push(), take() and the destructor belong to the owner, who may change if he is handed over with a
// happens-before; steal(), steal_if() and size() may be called from any thread.
// Invariants:  (D1) what was pushed is taken or stolen exactly once
//              (D2) of what is there, take() gives the newest and steal() the oldest
//              (D3) indices only tell distances, so they may wrap around
//              (D4) a buffer lives as long as the deque, since a thief may still look into an old one; all of them
//                   together are smaller than twice the largest
// Memory ordering: what happens before push(x) is visible to the take() or steal() that gives x.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include <pool/basic/sync.hpp>

namespace pool::stealing {

// `lost`: somebody else was quicker, so there was something, and there may be more.
enum class [[nodiscard]] Steal{ok, empty, lost};

// `kParts`: it is also known of each item what it is part of.
template <class T, bool kParts = false>
class Deque {
 public:
  // Room for `capacity` items (a power of two) before it grows for the first time. `first` is the first index; a test
  // may put it close to its largest value.
  explicit Deque(std::size_t capacity = 64, std::uint64_t first = 0);
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  // Throws std::bad_alloc if it cannot grow; nothing has changed then. The stamp is a number that others may want to
  // know of an item without having it; and so is what it is part of.
  void push(T* item, std::int64_t stamp = 0, const void* whole = nullptr);
  // The same after make_room(), or if it is not full(): it cannot throw.
  void put(T* item, std::int64_t stamp, const void* whole);
  // The same, but it does not grow: false if it would have to.
  [[nodiscard]] bool try_push(T* item, std::int64_t stamp);

  // Grows now if one of the next `many` pushes would; throws as push does. They do not, then.
  void make_room(std::size_t many = 1);
  [[nodiscard]] bool full() const;  // the owner's: the next push would grow

  // The newest item, or null.
  [[nodiscard]] T* take();

  // Behind the newest item, for the owner: what is pushed from now on lies at or above it.
  [[nodiscard]] std::uint64_t bottom() const { return bottom_.load(std::memory_order_relaxed); }

  // The stamp of the item that take() would give, for the owner; of no meaning if there is none.
  [[nodiscard]] std::int64_t newest_stamp() const {
    return (*buffer_.load(std::memory_order_relaxed))[bottom() - 1].stamp.load(std::memory_order_relaxed);
  }
  [[nodiscard]] const void* newest_whole() const requires kParts {
    return (*buffer_.load(std::memory_order_relaxed))[bottom() - 1].whole.load(std::memory_order_relaxed);
  }

  // The oldest item, if `ok`. steal_if: and if wanted(its stamp), or else it counts as `empty`; steal_part_of: if it is
  // one.
  Steal steal(T*& item) {
    return steal_if(item, [](std::int64_t) { return true; });
  }
  Steal steal_part_of(const void* whole, T*& item) requires kParts {
    return steal_when(item, [whole](Slot& slot) { return slot.whole.load(std::memory_order_relaxed) == whole; });
  }
  template <class Wanted>
  Steal steal_if(T*& item, Wanted&& wanted) {
    return steal_when(item, [&](Slot& slot) { return wanted(slot.stamp.load(std::memory_order_relaxed)); });
  }

  // The stamp of the item that steal() would give; of a moment ago, if others steal.
  [[nodiscard]] std::optional<std::int64_t> oldest_stamp() const;

  // Exact for the owner while nobody steals; a moment old otherwise. After a push() that comes earlier in the order of
  // all seq_cst operations it is not 0, unless the item is taken.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  struct Plain {
    sync::atomic<T*> item;
    sync::atomic<std::int64_t> stamp;
  };
  struct OfWhole : Plain {
    sync::atomic<const void*> whole;
  };
  using Slot = std::conditional_t<kParts, OfWhole, Plain>;
  class Buffer {
   public:
    explicit Buffer(std::size_t capacity) : mask_(capacity - 1), slots_(new Slot[capacity]) {}
    [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }
    Slot& operator[](std::uint64_t index) { return slots_[static_cast<std::size_t>(index) & mask_]; }

   private:
    const std::size_t mask_;
    const std::unique_ptr<Slot[]> slots_;
  };

  static std::int64_t distance(std::uint64_t from, std::uint64_t to) { return static_cast<std::int64_t>(to - from); }
  template <class Wanted>
  Steal steal_when(T*& item, Wanted&& wanted);
  void grow(Buffer& full, std::uint64_t top, std::uint64_t bottom);

  alignas(64) sync::atomic<std::uint64_t> top_;     // the oldest item; only ever goes up
  alignas(64) sync::atomic<std::uint64_t> bottom_;  // behind the newest; written by the owner
  sync::atomic<Buffer*> buffer_;                    // written by the owner
  std::vector<std::unique_ptr<Buffer>> buffers_;    // the owner's; the last one is in use
};

template <class T, bool kParts>
Deque<T, kParts>::Deque(std::size_t capacity, std::uint64_t first) : top_(first), bottom_(first), buffer_(nullptr) {
  buffers_.push_back(std::make_unique<Buffer>(capacity));
  buffer_.store(buffers_.back().get(), std::memory_order_relaxed);
}

template <class T, bool kParts>
void Deque<T, kParts>::push(T* item, std::int64_t stamp, const void* whole) {
  make_room();
  put(item, stamp, whole);
}

template <class T, bool kParts>
bool Deque<T, kParts>::try_push(T* item, std::int64_t stamp) {
  if (full()) return false;
  put(item, stamp, nullptr);
  return true;
}

// #region push
template <class T, bool kParts>
void Deque<T, kParts>::put(T* item, std::int64_t stamp, [[maybe_unused]] const void* whole) {
  const std::uint64_t bottom = bottom_.load(std::memory_order_relaxed);
  Slot& slot = (*buffer_.load(std::memory_order_relaxed))[bottom];
  slot.stamp.store(stamp, std::memory_order_release);  // [reused] pairs with oldest_stamp()
  if constexpr (kParts) slot.whole.store(whole, std::memory_order_relaxed);
  slot.item.store(item, std::memory_order_relaxed);
  bottom_.store(bottom + 1,
                std::memory_order_seq_cst);  // [publish] pairs with steal(); seq_cst for Parking: see size()
}
// #endregion push

template <class T, bool kParts>
bool Deque<T, kParts>::full() const {
  return size() >= buffer_.load(std::memory_order_relaxed)->capacity();
}

template <class T, bool kParts>
void Deque<T, kParts>::make_room(std::size_t many) {
  const std::uint64_t bottom = bottom_.load(std::memory_order_relaxed);
  const std::uint64_t top = top_.load(std::memory_order_acquire);  // [free] pairs with the claim in steal()
  const auto needed = distance(top, bottom) + static_cast<std::int64_t>(many);
  for (;;) {
    Buffer* const buffer = buffer_.load(std::memory_order_relaxed);
    if (needed <= static_cast<std::int64_t>(buffer->capacity())) return;
    grow(*buffer, top, bottom);
  }
}

template <class T, bool kParts>
void Deque<T, kParts>::grow(Buffer& full, std::uint64_t top, std::uint64_t bottom) {
  buffers_.push_back(std::make_unique<Buffer>(2 * full.capacity()));
  Buffer& larger = *buffers_.back();
  for (std::uint64_t i = top; i != bottom; ++i) {
    larger[i].item.store(full[i].item.load(std::memory_order_relaxed), std::memory_order_relaxed);
    larger[i].stamp.store(full[i].stamp.load(std::memory_order_relaxed), std::memory_order_relaxed);
    if constexpr (kParts)
      larger[i].whole.store(full[i].whole.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  buffer_.store(&larger, std::memory_order_release);  // [array] pairs with steal(): what was copied, and the buffer
}

// #region take
template <class T, bool kParts>
T* Deque<T, kParts>::take() {
  const std::uint64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
  Buffer& buffer = *buffer_.load(std::memory_order_relaxed);
  bottom_.store(bottom, std::memory_order_seq_cst);          // [claim] first we say what we want,
  std::uint64_t top = top_.load(std::memory_order_seq_cst);  // then we look whether a thief has it already
  T* item = nullptr;
  if (distance(top, bottom) >= 0) item = buffer[bottom].item.load(std::memory_order_relaxed);
  if (distance(top, bottom) > 0) return item;  // more than one: no thief comes this far
  if (item != nullptr &&
      !top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) {
    item = nullptr;  // the last one, and a thief was quicker
  }
  bottom_.store(bottom + 1, std::memory_order_relaxed);  // it is empty: below this there is nothing to be seen
  return item;
}
// #endregion take

// #region steal
template <class T, bool kParts>
template <class Wanted>
Steal Deque<T, kParts>::steal_when(T*& item, Wanted&& wanted) {
  std::uint64_t top = top_.load(std::memory_order_seq_cst);              // [claim] first what we want, …
  const std::uint64_t bottom = bottom_.load(std::memory_order_seq_cst);  // … then whether the owner is after it
  if (distance(top, bottom) <= 0) return Steal::empty;
  Buffer& buffer = *buffer_.load(std::memory_order_acquire);                  // [array]
  if (!wanted(buffer[top])) return Steal::empty;                              // or the claim fails, too
  T* const oldest = buffer[top].item.load(std::memory_order_relaxed);         // before the claim: then it is not ours,
  if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,  // [free] and afterwards its slot is
                                    std::memory_order_relaxed)) {             // the owner's to fill
    return Steal::lost;
  }
  item = oldest;
  return Steal::ok;
}
// #endregion steal

template <class T, bool kParts>
std::optional<std::int64_t> Deque<T, kParts>::oldest_stamp() const {
  for (;;) {
    const std::uint64_t top = top_.load(std::memory_order_acquire);
    if (distance(top, bottom_.load(std::memory_order_acquire)) <= 0) return std::nullopt;  // [publish]
    Buffer& buffer = *buffer_.load(std::memory_order_acquire);                             // [array]
    const std::int64_t stamp = buffer[top].stamp.load(std::memory_order_acquire);  // [reused] if it is that of a
    if (top_.load(std::memory_order_relaxed) == top) return stamp;                 // later item, the top has moved
  }
}

template <class T, bool kParts>
std::size_t Deque<T, kParts>::size() const {
  const std::uint64_t top = top_.load(std::memory_order_acquire);
  const std::int64_t size = distance(top, bottom_.load(std::memory_order_seq_cst));
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

}  // namespace pool::stealing

// Counts the program's `operator new`, and makes a chosen one fail.
//
// A test program that includes this file replaces the global operator new and delete, so exactly one of its source
// files may. Thread safety: all of it may be used from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace pool::testing {

inline std::atomic<std::size_t> allocations_made{0};
inline std::atomic<std::ptrdiff_t> bytes_in_use{0};  // as asked for, without the allocator's own
inline std::atomic<std::size_t> allocations_until_failure{std::numeric_limits<std::size_t>::max()};

// How many allocations there have been since it was made.
class Allocations {
 public:
  [[nodiscard]] std::size_t since() const { return allocations_made.load() - start_; }

 private:
  std::size_t start_ = allocations_made.load();
};

// While it lives, the k-th allocation from now on throws std::bad_alloc, in whatever thread it happens; 0 is the next.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t k) { allocations_until_failure = k; }
  ~FailingAllocation() { allocations_until_failure = std::numeric_limits<std::size_t>::max(); }
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Whether that allocation came, and failed.
  [[nodiscard]] static bool happened() { return allocations_until_failure.load() > std::size_t{1} << 60U; }
};

// Each block has its size in front of it, so that delete can subtract it; `alignment` bytes are set aside for that.
inline void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations_made;
  if (allocations_until_failure.fetch_sub(1) == 0) throw std::bad_alloc();
  const std::size_t padded = (size + 2 * alignment - 1) / alignment * alignment;
  auto* block = static_cast<std::byte*>(std::aligned_alloc(alignment, padded));
  if (block == nullptr) throw std::bad_alloc();
  *reinterpret_cast<std::size_t*>(block) = size;
  bytes_in_use += static_cast<std::ptrdiff_t>(size);
  return block + alignment;
}

inline void release(void* memory, std::size_t alignment) noexcept {
  if (memory == nullptr) return;
  auto* block = static_cast<std::byte*>(memory) - alignment;
  bytes_in_use -= static_cast<std::ptrdiff_t>(*reinterpret_cast<std::size_t*>(block));
  std::free(block);  // NOLINT: it came from aligned_alloc
}

inline constexpr std::size_t kDefaultAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace pool::testing

void* operator new(std::size_t size) {
  return pool::testing::allocate(size, pool::testing::kDefaultAlignment);
}
// A sanitizer brings its own of these; what they give would meet our delete. (std::stable_partition calls it.)
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return pool::testing::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  pool::testing::release(memory, pool::testing::kDefaultAlignment);
}
void operator delete(void* memory, std::size_t) noexcept {
  pool::testing::release(memory, pool::testing::kDefaultAlignment);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  pool::testing::release(memory, pool::testing::kDefaultAlignment);
}
void operator delete(void* memory, std::align_val_t alignment) noexcept {
  pool::testing::release(memory, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory, std::size_t, std::align_val_t alignment) noexcept {
  pool::testing::release(memory, static_cast<std::size_t>(alignment));
}

// InSystem: how many texts are in the system now, what memory they take, and how long they stay.
//
// A text enters when it has been read and is about to be handed in, and leaves when its job is done, or when nobody will
// ever do it. In between it waits for room, waits in the queue, and is counted.
// Thread safety: every member of InSystem may be called from any thread. A Stay belongs to one thread at a time.
// Invariant:  (S1) at rest nobody is in the system, and every text that arrived has left
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

class InSystem {
 public:
  // One text's stay: from the making of this object to its end. Moving it is no departure.
  class Stay {
   public:
    Stay(InSystem& system, std::size_t bytes) : system_(&system), bytes_(bytes), arrived_(Clock::now()) {
      system.arrivals_.fetch_add(1, std::memory_order_relaxed);  // relaxed, all of them: numbers, and no more than that
      system.texts_.fetch_add(1, std::memory_order_relaxed);
      system.bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
    Stay(Stay&& other) noexcept
        : system_(std::exchange(other.system_, nullptr)), bytes_(other.bytes_), arrived_(other.arrived_) {}
    Stay& operator=(Stay&&) = delete;
    ~Stay() {
      if (system_ == nullptr) return;
      const std::chrono::nanoseconds stayed = Clock::now() - arrived_;
      system_->stayed_.fetch_add(stayed.count(), std::memory_order_relaxed);
      system_->bytes_.fetch_sub(bytes_, std::memory_order_relaxed);
      system_->texts_.fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    InSystem* system_;
    std::size_t bytes_;
    std::chrono::steady_clock::time_point arrived_;
  };

  [[nodiscard]] std::size_t texts() const { return texts_.load(std::memory_order_relaxed); }    // now
  [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }  // that these take
  [[nodiscard]] std::size_t arrivals() const { return arrivals_.load(std::memory_order_relaxed); }

  // How long all texts that have left stayed, together.
  [[nodiscard]] double stayed_seconds() const {
    return std::chrono::duration<double>(std::chrono::nanoseconds(stayed_.load(std::memory_order_relaxed))).count();
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::atomic<std::size_t> texts_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::size_t> arrivals_{0};
  std::atomic<std::int64_t> stayed_{0};  // nanoseconds
};

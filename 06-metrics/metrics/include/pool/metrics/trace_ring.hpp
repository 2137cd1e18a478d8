// TraceRing: the last events of one thread, in so many places. Who writes never waits; who reads gets what was not
// overwritten meanwhile.
//
// Thread safety: one thread at a time calls add(); any may call read().
// Invariants:  (G1) memory is taken once, 64 bytes for each event
//              (G2) an event that is read is whole: what it was written as
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::metrics {

struct TraceEvent {
  enum class Kind : std::uint8_t { task, steal, park, scale };
  static constexpr std::size_t kName = 40;

  Kind kind = Kind::task;
  std::uint32_t about = 0;         // task: its priority; steal: from whom; scale: how many workers are wanted
  std::int64_t begin = 0;          // ns on the pool's clock
  std::int64_t duration = 0;       // ns; of steal and scale: 0
  std::array<char, kName> name{};  // of a task; the end is zeros

  void set_name(std::string_view text);  // what there is room for
  [[nodiscard]] std::string_view name_text() const;
};

class TraceRing {
 public:
  explicit TraceRing(std::size_t capacity) : capacity_(capacity), places_(std::make_unique<Place[]>(capacity + 1)) {}

  void add(const TraceEvent& event);
  [[nodiscard]] std::vector<TraceEvent> read() const;  // the oldest first
  [[nodiscard]] std::uint64_t added() const { return added_.load(std::memory_order_acquire); }

 private:
  static constexpr std::size_t kWords = 8;
  using Place = std::array<sync::atomic<std::uint64_t>, kWords>;
  using Words = std::array<std::uint64_t, kWords>;
  static Words packed(const TraceEvent& event);
  static TraceEvent unpacked(const Words& words);

  const std::size_t capacity_;
  const std::unique_ptr<Place[]> places_;
  sync::atomic<std::uint64_t> added_{0};  // event n lies in place n % (capacity_ + 1)
};

}  // namespace pool::metrics

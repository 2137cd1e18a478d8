// Queue: entries on five levels, and the rule of who is served next.
//
// Thread safety: none; whoever shares a queue guards it.
// Invariants:  (L1) entries of one level leave in the order in which they came
//              (L2) once an entry has waited longer than `ageing`, none that came after it leaves before it
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include <pool/testing/todo.hpp>

namespace exercise {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

enum class Priority { critical, high, normal, low, lowest };

inline constexpr std::size_t kLevels = 5;

// For each level, since when its oldest entry has waited; nothing where nobody waits.
using Heads = std::array<std::optional<Time>, kLevels>;

// Which level is served next; std::nullopt if nobody waits.
[[nodiscard]] inline std::optional<std::size_t> next_level(const Heads& heads, Time now, Duration ageing) {
  static_cast<void>(heads);
  static_cast<void>(now);
  static_cast<void>(ageing);
  POOL_TODO("the highest, unless somebody has waited too long");
}

template <class T>
class Queue {
 public:
  explicit Queue(Duration ageing) : ageing_(ageing) {}

  // `now` never goes back from one call to the next.
  void push(Priority priority, T value, Time now) {
    static_cast<void>(priority);
    static_cast<void>(value);
    static_cast<void>(now);
    POOL_TODO("append it to its level, with the moment since when it waits");
  }

  // Takes the entry whose turn it is; std::nullopt if there is none.
  std::optional<T> pop(Time now) {
    static_cast<void>(now);
    POOL_TODO("ask next_level(), and take the oldest of that level");
  }

  [[nodiscard]] std::size_t size() const {
    POOL_TODO("how many wait, on all levels?");
  }

 private:
  struct Entry {
    T value;
    Time since;
  };

  Duration ageing_;
  std::array<std::deque<Entry>, kLevels> levels_;
};

}  // namespace exercise

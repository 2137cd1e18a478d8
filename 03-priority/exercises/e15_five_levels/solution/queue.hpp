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

namespace exercise {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

enum class Priority { critical, high, normal, low, lowest };

inline constexpr std::size_t kLevels = 5;

// For each level, since when its oldest entry has waited; nothing where nobody waits.
using Heads = std::array<std::optional<Time>, kLevels>;

// Which level is served next; std::nullopt if nobody waits.
[[nodiscard]] inline std::optional<std::size_t> next_level(const Heads& heads, Time now, Duration ageing) {
  // #todo
  std::optional<std::size_t> highest;
  std::optional<std::size_t> oldest;
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (!heads[level]) continue;
    if (!highest) highest = level;
    if (!oldest || *heads[level] < *heads[*oldest]) oldest = level;
  }
  if (oldest && ageing > Duration::zero() && now - *heads[*oldest] > ageing) return oldest;
  return highest;
  // #instead
  // static_cast<void>(heads);
  // static_cast<void>(now);
  // static_cast<void>(ageing);
  // POOL_TODO("the highest, unless somebody has waited too long");
  // #end
}

template <class T>
class Queue {
 public:
  explicit Queue(Duration ageing) : ageing_(ageing) {}

  // `now` never goes back from one call to the next.
  void push(Priority priority, T value, Time now) {
    // #todo
    levels_[static_cast<std::size_t>(priority)].push_back({std::move(value), now});
    // #instead
    // static_cast<void>(priority);
    // static_cast<void>(value);
    // static_cast<void>(now);
    // POOL_TODO("append it to its level, with the moment since when it waits");
    // #end
  }

  // Takes the entry whose turn it is; std::nullopt if there is none.
  std::optional<T> pop(Time now) {
    // #todo
    Heads heads;
    for (std::size_t level = 0; level < kLevels; ++level) {
      if (!levels_[level].empty()) heads[level] = levels_[level].front().since;
    }
    const auto level = next_level(heads, now, ageing_);
    if (!level) return std::nullopt;
    std::optional<T> value(std::move(levels_[*level].front().value));
    levels_[*level].pop_front();
    return value;
    // #instead
    // static_cast<void>(now);
    // POOL_TODO("ask next_level(), and take the oldest of that level");
    // #end
  }

  [[nodiscard]] std::size_t size() const {
    // #todo how many wait, on all levels?
    std::size_t sum = 0;
    for (const auto& level : levels_) sum += level.size();
    return sum;
    // #end
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

// #todo
// Why this. Within a level the front is the oldest, so five moments are all that the rule needs to know: to decide
// costs the same whether ten entries wait or a million. The rule is a function of its arguments; the table in the test
// can say "6 s and 3 s" without waiting for either.
//
// Why the oldest of all, and not the highest of those over age: while urgent entries are over age too, which is what
// happens under load, the highest of them would win every time, and the low ones would starve again. "Oldest first"
// turns an overloaded queue into a plain first in, first out, and that has a bound: whoever is over age waits for those
// who came before, and for nobody else. Why not move an entry up by a level every second: it then competes with all who
// come on that level, the bound depends on how many those are, and entries have to be moved about.
//
// Why "longer than" and not "at least": that is a convention. What matters is that it is written down, and that a test
// stands on the edge.
// #end

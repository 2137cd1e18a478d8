// Priority: five levels, and the rule that says which of them is served next.
//
// Thread safety: values and pure functions.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pool::priority {

// #region priority
enum class Priority { critical = 0, high = 1, normal = 2, low = 3, lowest = 4, highest = critical };

inline constexpr std::size_t kLevels = 5;
// #endregion priority

inline constexpr std::array<std::string_view, kLevels> kPriorityNames{"critical", "high", "normal", "low", "lowest"};

[[nodiscard]] constexpr std::size_t level_of(Priority priority) {
  return static_cast<std::size_t>(priority);
}

// Throws std::invalid_argument for a number outside 0–4.
[[nodiscard]] inline Priority priority_from(long long number) {
  if (number < 0 || number >= static_cast<long long>(kLevels)) {
    throw std::invalid_argument("pool: priority " + std::to_string(number) +
                                ", but a priority is from 0 (critical) to 4 (lowest)");
  }
  return static_cast<Priority>(number);
}

[[nodiscard]] constexpr std::string_view to_string(Priority priority) {
  return level_of(priority) < kLevels ? kPriorityNames[level_of(priority)] : "?";
}

// A name, "highest", or a number from 0 to 4. Throws std::invalid_argument, which says so, for anything else.
[[nodiscard]] inline Priority parse_priority(std::string_view word) {
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (word == kPriorityNames[level] || word == std::to_string(level)) return static_cast<Priority>(level);
  }
  if (word == "highest") return Priority::highest;
  throw std::invalid_argument("pool: no priority is called '" + std::string(word) +
                              "'; there are critical (or highest), high, normal, low and lowest, or 0 to 4");
}

// For each level, since when its oldest job has waited; nothing where no job waits.
using Heads = std::array<std::optional<std::chrono::steady_clock::time_point>, kLevels>;

// Which level is served next: the highest that has a job, unless the oldest job of some level has waited longer than
// `ageing`; then the level of the job that has waited longest. std::nullopt if no job waits. `ageing` 0 is no ageing.
//
// Bound: once a job has waited for longer than `ageing`, no job that was handed in after it starts before it. So it
// waits at most `ageing`, and then for those that were handed in before it.
// #region next_level
[[nodiscard]] constexpr std::optional<std::size_t> next_level(const Heads& heads,
                                                              std::chrono::steady_clock::time_point now,
                                                              std::chrono::nanoseconds ageing) {
  std::optional<std::size_t> highest;
  std::optional<std::size_t> oldest;
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (!heads[level]) continue;
    if (!highest) highest = level;
    if (!oldest || *heads[level] < *heads[*oldest]) oldest = level;
  }
  if (oldest && ageing.count() > 0 && now - *heads[*oldest] > ageing) return oldest;
  return highest;
}
// #endregion next_level

}  // namespace pool::priority

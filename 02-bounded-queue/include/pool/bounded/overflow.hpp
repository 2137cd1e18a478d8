// What a pool does with work for which its queue has no room.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <pool/basic/executor.hpp>

namespace pool::bounded {

// #region overflow
enum class Overflow {
  block,          // the caller waits for room
  reject,         // the caller gets QueueFull
  run_in_caller,  // the caller does the work itself, and is kept from submitting more meanwhile
  drop_oldest,    // the work that has waited longest is dropped; its future says so
};
// #endregion overflow

// There is no room in the queue, and the policy does not wait for any.
class QueueFull : public basic::PoolError {
  using PoolError::PoolError;
};

inline constexpr std::array<std::pair<Overflow, std::string_view>, 4> kOverflowNames{{
    {Overflow::block, "block"},
    {Overflow::reject, "reject"},
    {Overflow::run_in_caller, "run_in_caller"},
    {Overflow::drop_oldest, "drop_oldest"},
}};

[[nodiscard]] constexpr std::string_view to_string(Overflow overflow) {
  for (const auto& [value, name] : kOverflowNames) {
    if (value == overflow) return name;
  }
  return "?";
}

// Throws std::invalid_argument, which names the four, for any other word.
[[nodiscard]] inline Overflow parse_overflow(std::string_view word) {
  std::string names;
  for (const auto& [value, name] : kOverflowNames) {
    if (name == word) return value;
    names.append(names.empty() ? "" : ", ").append(name);
  }
  throw std::invalid_argument("pool: no overflow policy is called '" + std::string(word) + "'; there are " + names);
}

// What the contract of bounded pools, and other generic code, may ask beyond basic::Executor.
template <class P>
concept BoundedExecutor = basic::Executor<P> && requires(P& pool, const P& view, int (*function)(int), void (*job)()) {
  { pool.try_post(job) } -> std::same_as<bool>;
  { pool.try_submit(function, 1) } -> std::same_as<std::optional<std::future<int>>>;
  { pool.try_submit_for(std::chrono::milliseconds(1), function, 1) } -> std::same_as<std::optional<std::future<int>>>;
  pool.wait_idle();
  { pool.wait_idle_for(std::chrono::milliseconds(1)) } -> std::same_as<bool>;
  { view.worker_stats().accepted } -> std::convertible_to<std::size_t>;
};

}  // namespace pool::bounded

// atomic<T> as the explorer has it: the members of std::atomic with all memory orders. A load may read any store that
// its order allows (history.hpp), and a compare_exchange_weak may fail for no reason.
#pragma once

#include <pool/testing/explorer/atomic_state.hpp>

#include <atomic>  // std::memory_order
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace pool::sync {

template <class T>
class atomic {
  static_assert(std::is_trivially_copyable_v<T>);
  using Difference = std::conditional_t<std::is_pointer_v<T>, std::ptrdiff_t, T>;
  using Order = std::memory_order;
  using Site = explorer::Site;
  static constexpr Order kDefault = std::memory_order_seq_cst;

 public:
  using value_type = T;
  static constexpr bool is_always_lock_free = true;

  atomic() : atomic(T{}) {}
  atomic(T value) : state_(value) {}  // NOLINT(google-explicit-constructor): as the standard's
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  [[nodiscard]] bool is_lock_free() const { return true; }
  void name(std::string text) { state_.name(std::move(text)); }

  T load(Order order = kDefault, Site site = Site::here()) const { return state_.load(order, site); }
  void store(T value, Order order = kDefault, Site site = Site::here()) { state_.store(value, order, site); }
  T exchange(T value, Order order = kDefault, Site site = Site::here()) {
    return state_.modify("exchange", order, site, [&](T) { return value; });
  }

  bool compare_exchange_strong(T& expected, T desired, Order success, Order failure, Site site = Site::here()) {
    return state_.compare_exchange(expected, desired, success, failure, false, site);
  }
  bool compare_exchange_strong(T& expected, T desired, Order order = kDefault, Site site = Site::here()) {
    return state_.compare_exchange(expected, desired, order, on_failure(order), false, site);
  }
  bool compare_exchange_weak(T& expected, T desired, Order success, Order failure, Site site = Site::here()) {
    return state_.compare_exchange(expected, desired, success, failure, true, site);
  }
  bool compare_exchange_weak(T& expected, T desired, Order order = kDefault, Site site = Site::here()) {
    return state_.compare_exchange(expected, desired, order, on_failure(order), true, site);
  }

  T fetch_add(Difference by, Order order = kDefault, Site site = Site::here()) {
    return state_.modify("fetch_add", order, site, [&](T old) { return static_cast<T>(old + by); });
  }
  T fetch_sub(Difference by, Order order = kDefault, Site site = Site::here()) {
    return state_.modify("fetch_sub", order, site, [&](T old) { return static_cast<T>(old - by); });
  }
  T fetch_and(T bits, Order order = kDefault, Site site = Site::here()) {
    return state_.modify("fetch_and", order, site, [&](T old) { return static_cast<T>(old & bits); });
  }
  T fetch_or(T bits, Order order = kDefault, Site site = Site::here()) {
    return state_.modify("fetch_or", order, site, [&](T old) { return static_cast<T>(old | bits); });
  }
  T fetch_xor(T bits, Order order = kDefault, Site site = Site::here()) {
    return state_.modify("fetch_xor", order, site, [&](T old) { return static_cast<T>(old ^ bits); });
  }

  // Returns once it reads something other than old.
  void wait(T old, Order order = kDefault, Site site = Site::here()) const { state_.wait(old, order, site); }
  void notify_one(Site site = Site::here()) { state_.notify(false, site); }
  void notify_all(Site site = Site::here()) { state_.notify(true, site); }

  operator T() const { return load(); }  // NOLINT(google-explicit-constructor): as the standard's
  T operator=(T value) {                 // NOLINT(misc-unconventional-assign-operator): as the standard's
    store(value);
    return value;
  }
  T operator++(int) { return fetch_add(1); }
  T operator--(int) { return fetch_sub(1); }
  T operator++() { return static_cast<T>(fetch_add(1) + 1); }
  T operator--() { return static_cast<T>(fetch_sub(1) - 1); }
  T operator+=(Difference by) { return static_cast<T>(fetch_add(by) + by); }
  T operator-=(Difference by) { return static_cast<T>(fetch_sub(by) - by); }
  T operator&=(T bits) { return static_cast<T>(fetch_and(bits) & bits); }
  T operator|=(T bits) { return static_cast<T>(fetch_or(bits) | bits); }
  T operator^=(T bits) { return static_cast<T>(fetch_xor(bits) ^ bits); }

 private:
  static constexpr Order on_failure(Order order) {
    if (order == std::memory_order_acq_rel) return std::memory_order_acquire;
    if (order == std::memory_order_release) return std::memory_order_relaxed;
    return order;
  }

  mutable explorer::AtomicState<T> state_;
};

}  // namespace pool::sync

// parallel_reduce: a sum, or whatever else can be put together from parts, of all elements of a range.
//
//   const double sum = parallel_reduce(pool, 0, n, 0.0, [](int i) { return 1.0 / i; }, std::plus<>());
//
// How the range is divided: loop.hpp.
// Thread safety: may be called from any thread, in jobs and outside, nested as you like.
// Memory ordering: what happens before it is visible to map and combine; what they do is visible to whoever has called
// it.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

#include <pool/stealing/loop.hpp>

namespace pool::stealing {

// Combines map(i) for all indices from begin to end, or map(*i) for iterators, in their order, so combine(T, T) has to
// be associative and need not be commutative. The identity, which parts begin with, gives the type T of the result. Of
// an empty range it is the result.
// What goes together differs from call to call: for floating-point numbers so do the last digits. With
// options.fixed_order they do not, whatever the number of workers.
// Exceptions and cancellation: as in parallel_for.
template <class Begin, class End, std::copy_constructible T, class Map, class Combine>
requires LoopBounds<Begin, End> && std::movable<T>
[[nodiscard]] T parallel_reduce(ThreadPool& pool, Begin begin, End end, T identity, Map&& map, Combine&& combine,
                                const LoopOptions& options = {});

// The same for map(element), of each element of a range.
template <std::ranges::random_access_range R, std::copy_constructible T, class Map, class Combine>
requires std::ranges::common_range<R> && std::movable<T>
[[nodiscard]] T parallel_reduce(ThreadPool& pool, R&& range, T identity, Map&& map, Combine&& combine,
                                const LoopOptions& options = {}) {
  return parallel_reduce(pool, std::ranges::begin(range), std::ranges::end(range), std::move(identity),
                         std::forward<Map>(map), std::forward<Combine>(combine), options);
}

namespace detail {

// Nothing comes back from a part that was not finished.
template <class T, class Add, class Combine>
class Reduction {
 public:
  Reduction(ThreadPool& pool, Loop& loop, const T& identity, Add& add, Combine& combine)
      : pool_(pool), loop_(loop), identity_(identity), add_(add), combine_(combine) {}

  std::optional<T> lazily(std::uint64_t from, std::uint64_t to, Pace pace) {
    std::optional<T> sum;
    loop_.attempt([&] { sum.emplace(identity_); });
    while (sum && to - from > pace.size()) {
      if (loop_.stopped()) return {};
      if (others_are_hungry(pool_)) {
        return join(std::move(sum), halves(from, from + (to - from) / 2, to,
                                           [&](auto begin, auto end) { return lazily(begin, end, pace); }));
      }
      const std::uint64_t end = from + pace.size();
      pace.run([&] { grain(sum, from, end); });
      from = end;
    }
    if (sum && from != to) grain(sum, from, to);
    return sum;
  }

  // #region fixed_order
  // The tree is that of halves down to the grain.
  std::optional<T> in_fixed_order(std::uint64_t from, std::uint64_t to, std::uint64_t size) {
    if (to - from > size) {
      return halves(from, from + (to - from) / 2, to,
                    [&](auto begin, auto end) { return in_fixed_order(begin, end, size); });
    }
    std::optional<T> sum;
    loop_.attempt([&] { sum.emplace(identity_); });
    if (sum) grain(sum, from, to);
    return sum;
  }
  // #endregion fixed_order

 private:
  void grain(std::optional<T>& sum, std::uint64_t from, std::uint64_t to) {
    if (loop_.stopped() || !loop_.attempt([&] { add_(*sum, from, to); })) sum.reset();
  }

  template <class Part>
  std::optional<T> halves(std::uint64_t from, std::uint64_t middle, std::uint64_t to, Part&& part) {
    std::optional<T> left, right;
    invoke(
        pool_, [&] { left = part(from, middle); }, [&] { right = part(middle, to); });
    return join(std::move(left), std::move(right));
  }

  std::optional<T> join(std::optional<T> left, std::optional<T> right) {
    if (!left || !right) return {};
    if (!loop_.attempt([&] { *left = std::invoke(combine_, std::move(*left), std::move(*right)); })) return {};
    return left;
  }

  ThreadPool& pool_;
  Loop& loop_;
  const T& identity_;
  Add& add_;
  Combine& combine_;
};

}  // namespace detail

template <class Begin, class End, std::copy_constructible T, class Map, class Combine>
requires LoopBounds<Begin, End> && std::movable<T> T parallel_reduce(ThreadPool& pool, Begin begin, End end, T identity,
                                                                     Map&& map, Combine&& combine,
                                                                     const LoopOptions& options) {
  detail::Loop loop(options);
  const detail::Elements<Begin, End> elements(begin, end);
  if (elements.size() == 0) return loop.finish(), identity;
  const auto add = [&](T& sum, std::uint64_t from, std::uint64_t to) {
    T local = std::move(sum);  // which the compiler can keep in a register
    elements.each(from, to, [&](auto&& element) {
      using Mapped = std::invoke_result_t<Map&, decltype(element)>;
      static_assert(!(std::integral<T> && std::floating_point<std::remove_cvref_t<Mapped>>),
                    "the identity is an integer, so the sum would be one: say 0.0");
      local = std::invoke(combine, std::move(local), static_cast<T>(std::invoke(map, element)));
    });
    sum = std::move(local);
  };
  detail::Reduction<T, decltype(add), Combine> reduction(pool, loop, identity, add, combine);
  std::optional<T> sum;
  within(pool, [&] {
    loop.attempt([&] {
      const std::uint64_t all = elements.size();
      sum = options.fixed_order ? reduction.in_fixed_order(0, all, options.grain.value_or((all - 1) / 512 + 1))
                                : reduction.lazily(0, all, detail::Pace(options.grain));
    });
  });
  loop.finish();
  return *std::move(sum);
}

}  // namespace pool::stealing

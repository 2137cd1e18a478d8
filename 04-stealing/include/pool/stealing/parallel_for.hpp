// parallel_for: a loop whose elements are done side by side.
//
//   parallel_for(pool, 0, image.height(), [&](int row) { blur(image, row); });
//   parallel_for(pool, words, [](std::string& word) { reverse(word); }, {.grain = 1000});
//
// How the range is divided: loop.hpp.
// Thread safety: may be called from any thread, in jobs and outside, nested as you like.
// Memory ordering: what happens before it is visible to f; what f does is visible to whoever has called it.
#pragma once

#include <cstdint>
#include <functional>
#include <ranges>
#include <utility>

#include <pool/stealing/loop.hpp>

namespace pool::stealing {

// Calls f(i) for all indices from begin to end, or f(*i) for iterators, and returns when all is done. f is not copied,
// and is called by several threads at the same time. Within a grain the elements are done in their order.
// When f throws, no more grains are begun, and the first exception is thrown: the one that came first, not that of the
// lowest index. How many there were: options.failed. Throws Cancelled if the token was cancelled and something was left
// out; std::invalid_argument for a grain of 0, or a first index that does not fit the type of the last; and outside of
// the pool what invoke() throws there. Nothing is allocated in a job.
template <class Begin, class End, class F>
requires LoopBounds<Begin, End>
void parallel_for(ThreadPool& pool, Begin begin, End end, F&& f, const LoopOptions& options = {});

// The same for f(element), of each element of a range.
template <std::ranges::random_access_range R, class F>
requires std::ranges::common_range<R>
void parallel_for(ThreadPool& pool, R&& range, F&& f, const LoopOptions& options = {}) {
  parallel_for(pool, std::ranges::begin(range), std::ranges::end(range), std::forward<F>(f), options);
}

namespace detail {

// #region divide
template <class Grain>
void divide(ThreadPool& pool, Loop& loop, Grain& grain, std::uint64_t from, std::uint64_t to, Pace pace) {
  while (to - from > pace.size()) {
    if (loop.stopped()) return;
    if (others_are_hungry(pool)) {
      const std::uint64_t middle = from + (to - from) / 2;
      return invoke(
          pool, [&] { divide(pool, loop, grain, from, middle, pace); },
          [&] { divide(pool, loop, grain, middle, to, pace); });
    }
    const std::uint64_t end = from + pace.size();
    pace.run([&] { loop.attempt([&] { grain(from, end); }); });
    from = end;
  }
  if (from != to && !loop.stopped()) loop.attempt([&] { grain(from, to); });
}
// #endregion divide

}  // namespace detail

template <class Begin, class End, class F>
requires LoopBounds<Begin, End>
void parallel_for(ThreadPool& pool, Begin begin, End end, F&& f, const LoopOptions& options) {
  detail::Loop loop(options);
  const detail::Elements<Begin, End> elements(begin, end);
  if (elements.size() == 0) return loop.finish();
  const auto grain = [&](std::uint64_t from, std::uint64_t to) {
    elements.each(from, to, [&f](auto&& element) { std::invoke(f, element); });
  };
  within(pool, [&] {
    loop.attempt([&] { detail::divide(pool, loop, grain, 0, elements.size(), detail::Pace(options.grain)); });
  });
  loop.finish();
}

}  // namespace pool::stealing

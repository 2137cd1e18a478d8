// Loop: what the parts of one parallel_for or parallel_reduce have in common: whether to go on, and what went wrong.
//
// A range is not divided beforehand. Each worker does a grain of what it has, looks whether somebody has taken what it
// offers, and only then offers half of what is left: lazy binary splitting (A. Tzannes, G. C. Caragea, U. Vishkin and
// R. Barua, "Lazy scheduling: a runtime adaptive scheduler for declarative parallelism", ACM TOPLAS 36(3), 2014). So
// who is alone divides about as often as the range can be halved, and who is not, as often as others have nothing to
// do.
// Thread safety: of Loop, finish() is for the one who has begun it, when all parts have ended; the rest may be called
// from any thread.
// Invariant:  (O1) when something was left out, finish() throws
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/stealing/invoke.hpp>

namespace pool::stealing {

struct LoopOptions {
  // So many elements are done one after the other, by one worker. None: as many as take some ten microseconds, found
  // out as it goes. 0 is an error.
  std::optional<std::size_t> grain{};
  CancelToken token{};            // asked before each grain; what has begun then is finished, and Cancelled is thrown
  std::size_t* failed = nullptr;  // in the end it holds how many grains have thrown
  // Of a parallel_reduce: what is combined with what depends on the size of the range and on the grain alone (none: a
  // 512th part), so that rounding errors are the same each time.
  bool fixed_order = false;
};

template <class I>
concept LoopIndex = std::integral<I> && !std::same_as<I, bool>;

// Both are indices, or both are iterators.
template <class Begin, class End>
concept LoopBounds = (LoopIndex<Begin> && LoopIndex<End>) ||
                     (std::random_access_iterator<Begin> && std::same_as<Begin, End>);

namespace detail {

class Loop {
 public:
  explicit Loop(const LoopOptions& options) : token_(options.token), failed_in_(options.failed) {
    if (options.grain == std::size_t{0}) {
      throw std::invalid_argument("pool: a loop with grain = 0 would never end; give it 1 or more, or none");
    }
  }

  // Whether the next grain is left out.
  [[nodiscard]] bool stopped() {
    if (stopped_.load(std::memory_order_relaxed)) return true;
    if (!token_.is_cancelled()) return false;
    cancelled_.store(true, std::memory_order_relaxed);
    stopped_.store(true, std::memory_order_relaxed);
    return true;
  }

  // Calls f; false if it throws, which stops the loop.
  template <class F>
  bool attempt(F&& f) {
    auto error = basic::catching(f);
    if (!error) return true;
    stopped_.store(true, std::memory_order_relaxed);
    if (failed_.fetch_add(1, std::memory_order_relaxed) == 0) error_.write() = std::move(error);
    return false;
  }

  // Throws the first exception, or else Cancelled if something was left out. All parts have been joined.
  void finish() {
    if (failed_in_ != nullptr) *failed_in_ = failed_.load(std::memory_order_relaxed);
    if (error_.read()) std::rethrow_exception(std::move(error_.write()));
    if (cancelled_.load(std::memory_order_relaxed)) throw priority::Cancelled(token_.reason());
  }

 private:
  const CancelToken token_;
  std::size_t* const failed_in_;
  sync::atomic<bool> stopped_{false};
  sync::atomic<bool> cancelled_{false};
  sync::atomic<std::size_t> failed_{0};
  sync::cell<std::exception_ptr> error_;  // written by the first to fail
};

// How many elements are done at a time. If nobody has said, it starts with one, and doubles as long as they are quick.
class Pace {
 public:
  explicit Pace(std::optional<std::size_t> grain) : size_(grain.value_or(1)), adapts_(!grain) {}
  [[nodiscard]] std::size_t size() const { return size_; }

  template <class F>
  void run(F&& f) {
    if (!adapts_) return f();
    const auto start = std::chrono::steady_clock::now();
    f();
    const auto took = std::chrono::steady_clock::now() - start;
    if (took < kLeast) size_ *= 2;
    if (took > kMost && size_ > 1) size_ /= 2;
  }

 private:
  static constexpr std::chrono::microseconds kLeast{5}, kMost{20};
  std::size_t size_;
  bool adapts_;
};

// Somebody has taken all that the calling worker has offered. (In a caller that has no room for a job, nobody ever
// does.)
[[nodiscard]] inline bool others_are_hungry(const ThreadPool& pool) {
  const Forks* const forks = pool.forks();
  return forks != nullptr && forks->empty();
}

// The range as the numbers from 0, so that there may be as many as there are of them.
template <class Begin, class End>
class Elements {
 public:
  Elements(Begin begin, End end) : begin_(first(begin)), size_(begin_ < end ? distance(begin_, end) : 0) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }
  template <class F>
  void each(std::uint64_t from, std::uint64_t to, F&& f) const {
    for (End i = at(from), last = at(to); i != last; ++i) {
      if constexpr (LoopIndex<End>) {
        f(std::as_const(i));
      } else {
        f(*i);
      }
    }
  }

 private:
  static End first(Begin begin) {
    if constexpr (std::same_as<Begin, End>) {
      return begin;
    } else {
      const auto same = static_cast<End>(begin);
      if (static_cast<Begin>(same) == begin && (same < End{}) == (begin < Begin{})) return same;
      throw std::invalid_argument(
          "pool: the first index of a loop does not fit the type of the last; convert one of them");
    }
  }
  static std::uint64_t distance(const End& from, const End& to) {
    if constexpr (LoopIndex<End>) {
      return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    } else {
      return static_cast<std::uint64_t>(to - from);
    }
  }
  [[nodiscard]] End at(std::uint64_t offset) const {
    if constexpr (LoopIndex<End>) {
      return static_cast<End>(static_cast<std::uint64_t>(begin_) + offset);
    } else {
      return begin_ + static_cast<std::iter_difference_t<End>>(offset);
    }
  }

  End begin_;
  std::uint64_t size_;
};

}  // namespace detail
}  // namespace pool::stealing

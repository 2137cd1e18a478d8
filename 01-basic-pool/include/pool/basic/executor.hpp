// What every pool of the series has in common: the errors, what a shutdown does with the queue, the way from a function
// to a future, and the concept Executor.
//
// Thread safety: the functions here touch nothing shared.
#pragma once

#include <concepts>
#include <cstddef>
#include <future>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include <pool/basic/tsan.hpp>
#include <pool/basic/work.hpp>

namespace pool::basic {

// A promise that the pool cannot keep. Errors of the work itself are never of this kind: they travel in its future.
class PoolError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The pool no longer takes work.
class PoolStopped : public PoolError {
 public:
  PoolStopped() : PoolError("pool: it has been shut down and takes no more work") {}
};

// What shutdown does with work that waits in the queue: run it, or drop it (its futures say broken_promise).
enum class Shutdown { drain, discard };

// What a call of f with these arguments gives, both copied first, as std::async and std::thread do it.
template <class F, class... Args>
using result_of = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;

template <class F>
class Bound;

// Ties a function and its arguments to a future: run the work, and the result or the exception is in the future.
// Drop it unrun, and the future says broken_promise. Either way the closure is destroyed before the future is ready.
template <class F, class... Args>
requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
auto bound(F&& f, Args&&... args) {
  require_callable<std::decay_t<F>>(f);
  if constexpr (sizeof...(Args) == 0) {
    return Bound<std::decay_t<F>>(std::forward<F>(f));
  } else {
    auto call = [f = std::forward<F>(f), ... args = std::forward<Args>(args)]() mutable -> result_of<F, Args...> {
      return std::invoke(std::move(f), std::move(args)...);
    };
    return Bound<decltype(call)>(std::move(call));
  }
}

// The same as work for a queue, and the future.
template <class F, class... Args>
requires std::invocable<std::decay_t<F>, std::decay_t<Args>...> std::pair<Work, std::future<result_of<F, Args...>>>
bind(F&& f, Args&&... args) {
  auto tied = bound(std::forward<F>(f), std::forward<Args>(args)...);
  auto future = tied.future();
  return {Work(std::move(tied)), std::move(future)};
}

// A closure and the promise of its result. The task below owns the promise only and borrows the closure, so that the
// closure can go first: a task that owned it would keep it for as long as somebody holds the future.
template <class F>
class Bound {
  static constexpr bool nothrow_destructible = std::is_nothrow_destructible_v<F>;

 public:
  template <class G>
  explicit Bound(G&& g) : closure_(std::forward<G>(g)) {}
  Bound(Bound&& other) noexcept(std::is_nothrow_move_constructible_v<F>)
      : task_(std::move(other.task_)), alive_(other.alive_) {
    if (alive_) ::new (static_cast<void*>(&closure_)) F(std::move(other.closure_));
  }
  Bound& operator=(Bound&&) = delete;
  ~Bound() noexcept(nothrow_destructible) {
    if (!alive_) return;
    closure_.~F();
    const DropsException broken_promise;
    task_ = {};
  }

  auto future() { return task_.get_future(); }
  [[nodiscard]] bool threw() const { return threw_; }  // once it has run: whether by an exception

  void operator()() {
    alive_ = false;  // consume destroys the closure, whichever way the call ends
    task_(*this);    // [result] pairs with the future's get() and wait()
    if (threw_) {
      const DropsException from_the_call;
      task_ = {};
    }
  }

 private:
  static std::invoke_result_t<F> call(Bound& self) {
    try {
      return consume(self.closure_);
    } catch (...) {
      self.threw_ = true;
      throw;
    }
  }

  std::packaged_task<std::invoke_result_t<F>(Bound&)> task_{call};
  union {
    F closure_;
  };
  bool alive_ = true;
  bool threw_ = false;
};

// What generic code, the contract tests among it, may ask of a pool.
template <class P>
concept Executor = requires(P& pool, const P& view, Work work, int (*function)(int)) {
  pool.post(std::move(work));
  { pool.submit(function, 1) } -> std::same_as<std::future<int>>;
  pool.shutdown();
  pool.shutdown(Shutdown::discard);
  { view.size() } -> std::same_as<std::size_t>;
  { view.pending() } -> std::same_as<std::size_t>;
};

}  // namespace pool::basic

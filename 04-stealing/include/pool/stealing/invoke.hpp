// invoke: two functions side by side.
//
//   long fibonacci(ThreadPool& pool, int n) {
//     if (n < 2) return n;
//     long a = 0, b = 0;
//     invoke(pool, [&] { a = fibonacci(pool, n - 1); }, [&] { b = fibonacci(pool, n - 2); });
//     return a + b;
//   }
//
// The job that calls it runs f, and offers g to the others meanwhile. If nobody was quicker, it runs g as well, and all
// that it costs is two exchanges of an atomic. Else it waits, and meanwhile does parts of g that its thief has offered,
// and what it has handed in itself.
// Thread safety: may be called from any thread. f and g run at the same time, or one after the other, in any order.
// Memory ordering: what happens before invoke() is visible to f and g; what they do is visible to whoever calls it.
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include <pool/basic/executor.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/stealing/fork.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace pool::stealing {

// Calls f() and g(), each once, and returns when both have ended. They are neither copied nor moved, and what they
// return is let go. If f throws, that is what invoke() throws, and g is not begun any more; else what g throws. In a
// job of the pool nothing is allocated, nothing is queued that has a limit or could be dropped, and it may be shut down
// or paused. A fork is no job: it is not counted, but for steals, and what it takes belongs to the worker that runs it.
// It has the priority of its job.
// Elsewhere the two are parts of one job, which the calling thread waits for: it throws as launch() does, and Cancelled
// if that job is dropped. So in a job of another pool it blocks that pool's worker.
// Throws std::invalid_argument for an empty function; PoolError if g has ended the thread that it ran on, and that was
// not the caller's.
template <std::invocable F, std::invocable G>
void invoke(ThreadPool& pool, F&& f, G&& g);

// In a job: side by side in the pool that runs it. Throws PoolError where there is none.
template <std::invocable F, std::invocable G>
void invoke(F&& f, G&& g);

// Calls body() in a job of the pool: in the one that calls it, or else in one that is made for that, and waited for.
template <std::invocable Body>
auto within(ThreadPool& pool, Body&& body) {
  return pool.forks() != nullptr ? body() : pool.launch({}, [&body] { return body(); }).get();
}

namespace detail {

template <class G>
class Half : public Fork {
 public:
  explicit Half(G& g) : Fork(&Half::call), g_(g) {}

  // Of one that somebody else has run: what it has thrown.
  void rethrow() {
    if (lost()) throw PoolError("pool: half of an invoke() has ended the thread that it ran on");
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  static void call(Fork& self) {
    auto& half = static_cast<Half&>(self);
    half.error_ = basic::catching([&half] { static_cast<void>(std::invoke(std::forward<G>(half.g_))); });
  }

  G& g_;
  std::exception_ptr error_;
};

template <class F, class G>
void invoke_one_by_one(F&& f, G&& g) {
  static_cast<void>(std::invoke(std::forward<F>(f)));
  static_cast<void>(std::invoke(std::forward<G>(g)));
}

// #region invoke
// pool.join(fork) waits for one that somebody has taken.
template <class Pool, class F, class G>
void invoke_in_a_job(Pool& pool, Forks& forks, F&& f, G&& g) {
  Half<G> half(g);
  if (!forks.push(half)) return invoke_one_by_one(std::forward<F>(f), std::forward<G>(g));
  std::exception_ptr error;
  bool ours = false;
  try {
    error = basic::catching([&f] { static_cast<void>(std::invoke(std::forward<F>(f))); });
    ours = forks.take(half);
    if (!ours) pool.join(half);
  } catch (const basic::forced_unwind&) {  // this thread ends, and our frame with it
    forks.let_go(half);
    throw;
  }
  if (error) std::rethrow_exception(std::move(error));
  if (!ours) return half.rethrow();
  static_cast<void>(std::invoke(std::forward<G>(g)));
}
// #endregion invoke

// From outside; or where there was no room for a job, and the policy is to run it in the caller.
template <class F, class G>
[[gnu::noinline]] void invoke_elsewhere(ThreadPool& pool, F&& f, G&& g) {
  within(pool, [&] {
    if (Forks* const forks = pool.forks()) {
      invoke_in_a_job(pool, *forks, std::forward<F>(f), std::forward<G>(g));
    } else {
      invoke_one_by_one(std::forward<F>(f), std::forward<G>(g));
    }
  });
}

}  // namespace detail

template <std::invocable F, std::invocable G>
void invoke(ThreadPool& pool, F&& f, G&& g) {
  basic::require_callable<std::decay_t<F>>(f);
  basic::require_callable<std::decay_t<G>>(g);
  if (Forks* const forks = pool.forks()) {
    detail::invoke_in_a_job(pool, *forks, std::forward<F>(f), std::forward<G>(g));
  } else {
    detail::invoke_elsewhere(pool, std::forward<F>(f), std::forward<G>(g));
  }
}

template <std::invocable F, std::invocable G>
void invoke(F&& f, G&& g) {
  ThreadPool* const pool = ThreadPool::current();
  if (pool == nullptr) throw PoolError("pool: invoke(f, g) outside of a job; say which pool: invoke(pool, f, g)");
  invoke(*pool, std::forward<F>(f), std::forward<G>(g));
}

}  // namespace pool::stealing

// Task: a closure and the promise of its result, as a pool hands them to a worker.
//
// Thread safety: none of its own; it is handed from one thread to the next.
// Invariants:  (F1) whatever the closure does, its future gets ready: with the result, or with what it threw
//              (F2) the closure is destroyed before the future is ready
//              (F3) nothing that the closure throws leaves operator()
#pragma once

#include <exception>
#include <future>
#include <optional>
#include <type_traits>
#include <utility>

#include <pool/testing/todo.hpp>

namespace exercise {

// F: a closure that takes nothing and returns something (not void, to keep this short).
template <class F>
class Task {
  using Result = std::invoke_result_t<F&>;

 public:
  explicit Task(F closure) : closure_(std::move(closure)) {}

  std::future<Result> future() { return promise_.get_future(); }

  // Runs the closure. To be called at most once.
  void operator()() {
    POOL_TODO("run the closure, destroy it, and only then tell the future how it went");
  }

 private:
  std::promise<Result> promise_;
  std::optional<F> closure_;  // after promise_, so that it is destroyed first when a task is dropped
};

}  // namespace exercise

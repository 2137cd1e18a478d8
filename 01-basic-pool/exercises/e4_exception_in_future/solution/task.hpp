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
    // #todo run the closure, destroy it, and only then tell the future how it went
    std::optional<Result> result;
    std::exception_ptr error;
    try {
      result.emplace((*closure_)());
    } catch (...) {
      error = std::current_exception();
    }
    closure_.reset();
    if (error) {
      promise_.set_exception(std::move(error));
    } else {
      promise_.set_value(std::move(*result));
    }
    // #end
  }

 private:
  std::promise<Result> promise_;
  std::optional<F> closure_;  // after promise_, so that it is destroyed first when a task is dropped
};

}  // namespace exercise

// #todo
// Why this. catch (...) and std::current_exception() keep whatever was thrown, an int as well as a class nobody here
// has heard of; it is thrown again, whole, by get(). The closure goes before the promise speaks, because whoever
// waits in get() goes on at that moment: perhaps to destroy what the closure still refers to.
//
// Why not `catch (const std::exception& e)` and make_exception_ptr(e): that copies the base class and throws the rest
// away (slicing), and lets everything else escape to the worker, which it would end. Why not set_value inside the try
// block: then the closure is still there when the future gets ready. The stage's own `bind` does one thing more: it
// keeps no reference to the exception on the worker's side, since the last owner frees it, and that should be the one
// who looked at it.
// #end

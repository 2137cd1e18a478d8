// Coroutine<T>: a function that waits without a thread. It is lazy: nothing runs before it is awaited by another one,
// launched on a pool, or waited for.
//
//   Coroutine<Size> fetch(ThreadPool& pool, Url url) {
//     Job<Page> loading = pool.launch({.name = "load"}, [url] { return load(url); });
//     Page page = co_await std::move(loading);
//     if (page.busy()) co_await delay(pool, 1s);
//     co_return co_await parsed(std::move(page));        // another Coroutine
//   }
//   Job<Size> job = launch(pool, fetch(pool, url), {.name = "fetch"});
//
// In a Coroutine can be awaited (await.hpp): a Job, schedule(pool), delay(pool, duration), current_token(), and a
// Coroutine that is given up; and whatever else the language takes.
// Where it runs: a task (a coroutine and all that it awaits) has a home, the pool on which it was launched, or that of
// its last schedule() or delay(). There it goes on after each wait. Without one, as in sync_wait() before those, it
// goes on on the thread that has ended what it waited for.
// Errors: what it throws is thrown by the co_await. Cancelled when the task's token is while it waits; PoolStopped when
// its home has gone while it waits; then it goes on on the thread that shuts the pool down, which it must not do
// itself, nor wait for it.
// Thread safety: a Coroutine is moved, and used by one thread at a time. What it did before a wait is visible to it
// after.
// Stack: however many are awaited, in a loop or each by the one before, the stack does not grow: see Trampoline.
// With g++ 12, no temporary of an aggregate (options!) and no lambda that captures may stand in an expression with a
// co_await: it destroys them twice. So launch first, and await the job in a line of its own, as above; and write
// awaitables of yours as classes with a constructor.
// Arguments of a Coroutine are best taken by value: a reference may be gone after the first wait. And a lambda's
// captures go with the lambda: pass arguments.
// A coroutine must not end its thread (pthread_exit): the C library ends the program.
// Fork, static destruction: a task lives in the pool it waits for, so as that; a Coroutine that nobody has started is a
// value.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include <pool/flow/await.hpp>
#include <pool/flow/handover.hpp>
#include <pool/flow/trampoline.hpp>

namespace pool::flow {

template <class T = void>
class Coroutine;

// What the language can await as it is.
template <class A>
inline constexpr bool is_awaitable = requires(A& a) {
  a.await_ready();
}
|| requires(A& a) {
  a.operator co_await();
}
|| requires(A& a) {
  operator co_await(a);
};

// The part of a promise that does not depend on the result.
class TaskPromise {
 public:
  struct Final {
    Final() {}  // NOLINT(modernize-use-equals-default): not an aggregate
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      Trampoline::next(ended.promise().continuation_);
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }

  void begin(Context& context, std::coroutine_handle<> continuation) {
    context_ = &context;
    continuation_ = continuation;
  }
  Context& context() { return *context_; }

  template <class R>
  auto await_transform(const priority::Job<R>& job) {
    return AwaitJob<R, false>(context(), job);
  }
  template <class R>
  auto await_transform(priority::Job<R>& job) {
    return AwaitJob<R, false>(context(), job);
  }
  template <class R>
  auto await_transform(priority::Job<R>&& job) {
    return AwaitJob<R, true>(context(), std::move(job));
  }
  template <class Pool>
  auto await_transform(const Schedule<Pool>& schedule) {
    return AwaitSchedule<Pool>(context(), schedule);
  }
  AwaitDelay await_transform(const Delay& delay) { return {context(), delay}; }
  AwaitToken await_transform(CurrentToken) { return AwaitToken(context()); }
  template <class T>
  auto await_transform(Coroutine<T>&& child) {
    return typename Coroutine<T>::Await(context(), child);
  }
  template <class T>
  void await_transform(Coroutine<T>&) = delete;  // it can be awaited once: co_await std::move(it)
  template <class Other>
  requires is_awaitable<Other> Other && await_transform(Other&& other) { return std::forward<Other>(other); }

 private:
  Context* context_ = nullptr;  // these two are set when it is awaited
  std::coroutine_handle<> continuation_;
};

template <class T>
class ResultPromise : public TaskPromise {
 public:
  template <class V>
  requires std::convertible_to<V&&, T>
  void return_value(V&& value) { result_.template emplace<1>(std::forward<V>(value)); }
  void unhandled_exception() { result_.template emplace<2>(std::current_exception()); }
  T result() {
    if (result_.index() == 2) std::rethrow_exception(std::exchange(std::get<2>(result_), nullptr));
    return std::move(std::get<1>(result_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> result_;
};

template <>
class ResultPromise<void> : public TaskPromise {
 public:
  void return_void() {}
  void unhandled_exception() { error_ = std::current_exception(); }
  void result() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  std::exception_ptr error_;
};

template <class T>
class [[nodiscard]] Coroutine {
  static_assert(!std::is_reference_v<T>, "a Coroutine gives a value; give a pointer, or std::reference_wrapper");

 public:
  class promise_type : public ResultPromise<T> {
   public:
    Coroutine get_return_object() { return Coroutine(std::coroutine_handle<promise_type>::from_promise(*this)); }
  };

  // Awaits it: it runs then and there, on the thread that awaits it.
  class Await {
   public:
    Await(Context& context, Coroutine& child) : context_(context), child_(child.handle_) {
      if (!child_ || child_.done()) throw std::logic_error("coroutine: it was moved from, or has been awaited before");
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> parent) {
      child_.promise().begin(context_, parent);
      Trampoline::next(child_);
    }
    T await_resume() { return child_.promise().result(); }

   private:
    Context& context_;
    std::coroutine_handle<promise_type> child_;
  };

  Coroutine() = default;  // none
  Coroutine(Coroutine&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Coroutine& operator=(Coroutine&& other) noexcept {
    const Coroutine old(std::exchange(handle_, std::exchange(other.handle_, nullptr)));
    return *this;
  }
  ~Coroutine() {
    if (handle_) handle_.destroy();
  }
  explicit operator bool() const { return static_cast<bool>(handle_); }

 private:
  explicit Coroutine(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

}  // namespace pool::flow

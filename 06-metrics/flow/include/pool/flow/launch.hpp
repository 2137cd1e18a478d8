// launch(pool, coroutine): a Coroutine as a job. sync_wait(coroutine): a Coroutine from a thread that waits for it.
//
//   Job<Size> job = launch(pool, fetch(pool, url), {.name = "fetch", .timeout = 10s});
//   Size size = sync_wait(fetch(pool, url));
//
// The job runs from its first step to its last; while the coroutine waits, it has no thread. cancel() and the timeout
// cancel its token, and what it waits for then ends with Cancelled. What it throws is the job's error.
// Thread safety: from any thread. Do not wait for such a job in a job of its pool: await it. (A worker that waits is
// one worker less, and the coroutine may need it.)
// Fork, static destruction: as the pool.
// Memory ordering: what happens before launch() is visible to the coroutine, what that did to whoever sees the job
// ended.
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <pool/flow/coroutine.hpp>
#include <pool/flow/held.hpp>
#include <pool/priority/job.hpp>

namespace pool::flow {

// The coroutine that is nobody's: it owns a task, and goes when that has ended.
class Root {
 public:
  class promise_type {
   public:
    Context context;
    std::optional<std::size_t> worker;  // that has begun it

    Root get_return_object() { return Root(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }  // drive() catches everything

    class This {  // what gives the coroutine its promise
     public:
      explicit This(promise_type& of) : of_(of) {}
      [[nodiscard]] bool await_ready() const noexcept { return true; }
      void await_suspend(std::coroutine_handle<>) const noexcept {}
      promise_type& await_resume() const noexcept { return of_; }

     private:
      promise_type& of_;
    };
    This await_transform(std::monostate) { return This(*this); }
    template <class T>
    auto await_transform(Coroutine<T>&& child) {
      return typename Coroutine<T>::Await(context, child);
    }
  };

  Root(Root&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Root& operator=(Root&&) = delete;
  ~Root() {
    if (handle_) handle_.destroy();
  }
  promise_type& promise() { return handle_.promise(); }
  void start() && { Trampoline::run(std::exchange(handle_, nullptr)); }

 private:
  explicit Root(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// `producer` is a JobProducer<T>, or what is used as one.
template <class T, class Producer>
Root drive(Coroutine<T> task, priority::Job<T> job, Producer producer) {
  Root::promise_type& self = co_await std::monostate();
  std::exception_ptr error;
  std::optional<priority::Cancelled> cancelled;
  try {
    if (!producer.start(self.worker)) {
      until_ended(job);
      co_return;
    }
    self.context.token = producer.token();
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      task = {};  // its arguments go before the job has ended (J3)
      producer.complete();
    } else {
      T result = co_await std::move(task);
      task = {};
      producer.complete(std::move(result));
    }
    co_return;
  } catch (const priority::Cancelled& thrown) {
    cancelled = thrown;
  } catch (...) {
    error = std::current_exception();
  }
  task = {};
  if (cancelled) {
    producer.cancel(cancelled->reason());
  } else {
    producer.fail(std::move(error));
  }
}

// What a pool runs to begin a task.
template <class T>
class Start : public priority::Unit {
 public:
  Start(Root root, priority::Job<T> job) : root_(std::move(root)), job_(std::move(job)) {}
  priority::Ending run(std::optional<std::size_t> worker) override {
    if (has_ended(job_.state())) return priority::Ending::cancelled;
    root_.promise().worker = worker;
    begun_ = true;
    std::move(root_).start();
    return priority::Ending::completed;
  }
  bool drop(std::string_view why) override { return job_.cancel(why), true; }

 private:
  ~Start() override {
    if (begun_) return;
    static_cast<void>(basic::catching([&] { job_.cancel(); }));
    until_ended(job_);  // before its producer goes
  }
  Root root_;
  priority::Job<T> job_;
  bool begun_ = false;
};

// Hands the first step of a job's coroutine to the pool. Throws as post() does; the job is cancelled then.
template <FlowExecutor Pool, class T, class Producer>
void begin(Pool& pool, Coroutine<T> coroutine, priority::Job<T> job, Producer producer, Priority priority) {
  if (!coroutine) throw std::invalid_argument("pool: the coroutine was moved from; there is nothing to launch");
  Root root = drive(std::move(coroutine), job, std::move(producer));
  root.promise().context.home = pool.job_host();
  root.promise().context.priority = priority;
  priority::UnitPtr unit(new Start<T>(std::move(root), std::move(job)));
  unit->priority = priority;
  pool.enqueue(std::move(unit));
}

// Throws as post() does, and std::invalid_argument for a coroutine that was moved from.
template <FlowExecutor Pool, class T>
[[nodiscard]] priority::Job<T> launch(Pool& pool, Coroutine<T> coroutine, JobOptions options = {}) {
  const Priority priority = priority::priority_from(static_cast<int>(options.priority));
  auto [job, producer] = priority::make_job<T>(std::move(options), pool.job_host());
  begin(pool, std::move(coroutine), job, std::move(producer), priority);
  return std::move(job);
}

// Runs it on the calling thread until it waits for the first time, and waits for its end. With the token it can be
// cancelled where it waits. Throws what the coroutine throws; Cancelled, too, if the token is cancelled before it
// begins.
template <class T>
T sync_wait(Coroutine<T> coroutine, CancelToken token = {}) {
  if (!coroutine) throw std::invalid_argument("pool: the coroutine was moved from; there is nothing to wait for");
  JobOptions options;
  options.token = std::move(token);
  auto [job, producer] = priority::make_job<T>(std::move(options));
  drive(std::move(coroutine), job, std::move(producer)).start();
  return std::move(job).get();
}

}  // namespace pool::flow

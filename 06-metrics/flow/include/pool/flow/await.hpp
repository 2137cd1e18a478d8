// What a Coroutine can await besides another one.
//
//   co_await job                  its result, when it has ended; throws what it threw. A job that has ended does not
//                                 interrupt the coroutine. co_await std::move(job) gives the result itself.
//   co_await schedule(pool)       goes on on a worker of that pool, which is its home from now on; as a post() there:
//                                 it takes room, and throws as that does
//   co_await delay(pool, 10ms)    goes on on a worker of that pool after that time of its clock; that is its home then.
//                                 Throws std::invalid_argument for a negative time
//   co_await current_token()      the CancelToken of the task, at once
//
// The first three throw Cancelled when the task's token is cancelled, but for a schedule(), which says so when it has
// come to its turn; and PoolStopped when the pool on which the coroutine would go on has gone.
// Thread safety: an awaitable belongs to the coroutine that awaits it; what it waits for may end on any thread.
// Memory ordering: what the job did is visible to the coroutine.
// Errors: std::bad_alloc; std::system_error if the timer's thread cannot be started. The coroutine did not wait then.
//
// (Each await_suspend() is a function of its own: once another thread may resume the coroutine, nothing of this one's
// may lie in the frame, and an inlined function's variables may.)
#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include <pool/flow/after.hpp>
#include <pool/flow/handover.hpp>
#include <pool/priority/job.hpp>

namespace pool::flow {

template <class Pool>
class Schedule {
 public:
  explicit Schedule(Pool& on) : pool(&on) {}
  Pool* pool;
};
template <FlowExecutor Pool>
[[nodiscard]] Schedule<Pool> schedule(Pool& pool) {
  return Schedule<Pool>(pool);
}

class Delay {
 public:
  Delay(std::shared_ptr<JobHost> on, Duration duration) : host(std::move(on)), due(later(*host, duration)) {}
  std::shared_ptr<JobHost> host;
  Time due;
};
template <FlowExecutor Pool>
[[nodiscard]] Delay delay(Pool& pool, Duration duration) {
  return Delay(pool.job_host(), duration);
}

class CurrentToken {
 public:
  CurrentToken() {}  // NOLINT(modernize-use-equals-default): not an aggregate
};
[[nodiscard]] inline CurrentToken current_token() {
  return {};
}

// --- what these become in a Coroutine --------------------------------------------------------------------------------

template <class R, bool kGivenUp>
class AwaitJob : public Waiting {
 public:
  AwaitJob(Context& context, priority::Job<R> job) : Waiting(context), job_(std::move(job)) {}
  [[nodiscard]] bool await_ready() const { return has_ended(job_.state()); }
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> waiting) {
    job_.on_end([handover = begin(waiting)](const JobCore&) { handover->fire(Handover::Outcome::ready); });
    return suspend();
  }
  decltype(auto) await_resume() {
    finish();
    if constexpr (kGivenUp) {
      return std::move(job_).get();
    } else {
      return job_.get();
    }
  }

 private:
  priority::Job<R> job_;
};

template <class Pool>
class AwaitSchedule : public Waiting {
 public:
  AwaitSchedule(Context& context, const Schedule<Pool>& schedule) : Waiting(context), pool_(*schedule.pool) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] void await_suspend(std::coroutine_handle<> waiting) {
    const std::shared_ptr<JobHost> keep =
        pool_.job_host();  // it may be through, and the pool gone, before this returns
    context().home = keep;
    Pool& pool = pool_;
    pool.enqueue(begin(waiting).unit());  // and from here on, nothing of this object's
  }
  void await_resume() {
    finish();
    context().token.throw_if_cancelled();
  }

 private:
  Pool& pool_;
};

class AwaitDelay : public Waiting {
 public:
  AwaitDelay(Context& context, Delay delay) : Waiting(context), delay_(std::move(delay)) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> waiting) {
    context().home = delay_.host;
    static_cast<void>(begin(waiting));
    return suspend(delay_.due);
  }
  void await_resume() { finish(); }

 private:
  Delay delay_;
};

class AwaitToken {
 public:
  explicit AwaitToken(Context& context) : token_(context.token) {}
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  CancelToken await_resume() { return std::move(token_); }

 private:
  CancelToken token_;
};

}  // namespace pool::flow

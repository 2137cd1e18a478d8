// What does the work of a task: a closure that notes when it begins and ends, and keeps a copy of its result; or
// somebody else, by a producer.
//
// Thread safety: none of their own; a producer is its owner's.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <pool/metrics/instruments.hpp>
#include <pool/metrics/record.hpp>
#include <pool/priority/job.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace pool::metrics {

namespace detail {
template <class F>
struct Gives : std::invoke_result<F, const CancelToken&> {};
template <std::invocable F>
struct Gives<F> : std::invoke_result<F> {};
}  // namespace detail

// What a function gives that is called with nothing, or else with a token.
template <class F>
using priority_result_of = typename detail::Gives<F>::type;

template <class R, class F>
class TaskWork {
 public:
  template <class G>
  TaskWork(const stealing::ThreadPool& pool, std::shared_ptr<Instruments> instruments,
           std::shared_ptr<RecordOf<R>> record, G&& g)
      : pool_(&pool), instruments_(std::move(instruments)), record_(std::move(record)), f_(std::forward<G>(g)) {}

  R operator()() requires std::invocable<F> { return run(); }
  R operator()(const CancelToken& token) requires(!std::invocable<F>) { return run(token); }

 private:
  template <class... Token>
  R run(const Token&... token) {
    const auto call = [&]() -> R {
      const Instruments::Running running(*instruments_, pool_->current_worker(), *record_);
      return std::invoke(std::move(f_), token...);
    };
    if constexpr (std::is_void_v<R>) {
      call();
    } else {
      R result = call();
      record_->keep(result);
      return static_cast<R&&>(result);
    }
  }

  const stealing::ThreadPool* pool_;
  std::shared_ptr<Instruments> instruments_;
  std::shared_ptr<RecordOf<R>> record_;
  F f_;
};

// As JobProducer, which it is, but that the result is kept for those who ask the pool for it.
template <class R>
class TaskProducer {
 public:
  TaskProducer(priority::JobProducer<R> producer, std::shared_ptr<RecordOf<R>> record)
      : producer_(std::move(producer)), record_(std::move(record)) {}

  [[nodiscard]] bool start(std::optional<std::size_t> worker = std::nullopt) { return producer_.start(worker); }
  template <class... V>  // what the result is made of
  void complete(V&&... value) {
    if constexpr (std::is_void_v<R>) {
      producer_.complete();
    } else {
      R result(std::forward<V>(value)...);
      record_->keep(result);
      producer_.complete(static_cast<R&&>(result));
    }
  }
  void fail(std::exception_ptr error) { producer_.fail(std::move(error)); }
  void cancel(std::string_view why = priority::reason::asked) { producer_.cancel(why); }
  [[nodiscard]] CancelToken token() const { return producer_.token(); }

 private:
  priority::JobProducer<R> producer_;
  std::shared_ptr<RecordOf<R>> record_;
};

}  // namespace pool::metrics

// The pool of stage 04 in a few lines: a job that waits for its parts, work handed in as a whole, and what workers did to
// get at it.
#include <cstdio>
#include <functional>
#include <future>
#include <numeric>
#include <span>
#include <vector>

#include <pool/stealing/task_group.hpp>
#include <pool/stealing/thread_pool.hpp>

using pool::stealing::Job;
using pool::stealing::Scheduling;
using pool::stealing::TaskGroup;
using pool::stealing::ThreadPool;

namespace {

// #region recursive
// A job that waits for its parts: the half that nobody has begun is run by whoever waits for it.
long sum(ThreadPool& pool, std::span<const int> numbers) {
  if (numbers.size() <= 10'000) return std::accumulate(numbers.begin(), numbers.end(), 0L);
  long first = 0;
  TaskGroup group(pool);
  group.run([&] { first = sum(pool, numbers.first(numbers.size() / 2)); });
  const long second = sum(pool, numbers.subspan(numbers.size() / 2));
  group.wait();
  return first + second;
}
// #endregion recursive

void first_steps() {
  // #region first_steps
  const std::vector<int> numbers(1'000'000, 3);
  ThreadPool pool({.workers = 4});
  const Job<long> total = pool.launch({.name = "sum"}, [&] { return sum(pool, numbers); });

  std::vector<std::function<long()>> squares;  // any range will do, and is gone through once
  for (long i = 1; i <= 1000; ++i) squares.emplace_back([i] { return i * i; });
  long of_squares = 0;
  for (std::future<long>& square : pool.submit_bulk(std::move(squares))) of_squares += square.get();

  std::printf("%ld and %ld\n", total.get(), of_squares);
  pool.wait_idle();
  for (const Scheduling& worker : pool.scheduling()) {
    std::printf("steals %zu, parks %zu, wake-ups %zu, takes from the injector %zu\n", worker.steals, worker.parks,
                worker.wakeups, worker.injector_takes);
  }
  // #endregion first_steps
}

}  // namespace

int main() {
  first_steps();
}

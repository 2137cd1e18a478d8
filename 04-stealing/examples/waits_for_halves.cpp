// A job that hands in half of its work as another job, and waits for it: on the pool of stage 03, and on this one.
#include <chrono>
#include <cstdio>
#include <numeric>
#include <span>
#include <vector>

#include <pool/priority/thread_pool.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace {

// #region sum
template <class Pool>
long sum(Pool& pool, std::span<const int> numbers) {
  if (numbers.size() <= 10'000) return std::accumulate(numbers.begin(), numbers.end(), 0L);
  const std::size_t half = numbers.size() / 2;
  const auto first = pool.launch({}, [&pool, part = numbers.first(half)] { return sum(pool, part); });
  const long second = sum(pool, numbers.subspan(half));
  return first.get() + second;
}
// #endregion sum

template <class Pool>
void try_on(const char* name) {
  const std::vector<int> numbers(1'000'000, 3);
  Pool pool({.workers = 2});
  const auto total = pool.launch({}, [&] { return sum(pool, numbers); });
  if (total.wait_for(std::chrono::seconds(1))) {
    std::printf("%s the sum is %ld\n", name, total.get());
    return;
  }
  const auto now = pool.totals();
  std::printf("%s after a second %zu jobs run, %zu are queued, and %zu of %zu are done\n", name, now.active,
              now.pending, now.completed, now.submitted);
  static_cast<void>(pool.shutdown_for(std::chrono::seconds(0)));  // cancels what is queued: so who waits for it goes on
}

}  // namespace

int main() {
  try_on<pool::priority::ThreadPool>("pool::priority:");
  try_on<pool::stealing::ThreadPool>("pool::stealing:");
}

// A parallel map over data: the same function for each item, on all processors, and the results in order.
#include <cmath>
#include <cstdio>
#include <numeric>
#include <vector>

#include <poolcraft/pool.hpp>

namespace {

bool is_prime(int n) {
  for (int divisor = 2; divisor <= static_cast<int>(std::sqrt(n)); ++divisor) {
    if (n % divisor == 0) return false;
  }
  return n > 1;
}

}  // namespace

int main() {
  poolcraft::ThreadPool pool;
  std::vector<int> numbers(2'000);
  std::iota(numbers.begin(), numbers.end(), 0);

  // Items that take their time: a task for each, with a state of its own and a place in the registry.
  const poolcraft::Batch<bool> batch = pool.submit_batch(numbers, {.name = "prime"}, is_prime);
  std::size_t primes = 0;
  for (const bool prime : batch.results()) primes += prime ? 1 : 0;

  // Items that take nanoseconds: a loop, which divides the range and makes no task.
  std::vector<char> marks(numbers.size());
  poolcraft::parallel_for(pool, std::size_t{0}, numbers.size(),
                          [&](std::size_t i) { marks[i] = is_prime(numbers[i]) ? 1 : 0; });
  const auto again = static_cast<std::size_t>(std::accumulate(marks.begin(), marks.end(), 0));

  std::printf("%zu primes below %zu, and %zu by a loop\n", primes, numbers.size(), again);
  return primes == again ? 0 : 1;
}

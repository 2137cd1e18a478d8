// A job that ignores its token: cancelled after a tenth of a second, and its pool waits for it for ever.
#include <chrono>
#include <string>

#include <pool/priority/thread_pool.hpp>

namespace {

// #region job
int count_primes([[maybe_unused]] const pool::priority::CancelToken& token) {
  int primes = 0;
  for (unsigned number = 2;; ++number) {  // never asks
    bool prime = true;
    for (unsigned divisor = 2; divisor * divisor <= number; ++divisor) prime = prime && number % divisor != 0;
    if (prime) ++primes;
  }
  return primes;
}
// #endregion job

}  // namespace

// #region main
int main() {
  pool::priority::ThreadPool pool({.workers = 1});
  auto primes = pool.launch({.name = "primes", .timeout = std::chrono::milliseconds(100)}, count_primes);
}
// #endregion main

// Priority inversion: a critical job waits for something that a low one has, and so for everything between the two.
#include <chrono>
#include <cstdio>
#include <latch>
#include <semaphore>

#include <pool/priority/thread_pool.hpp>

namespace {

using pool::priority::Priority;
using pool::priority::ThreadPool;
using Clock = std::chrono::steady_clock;

void compute(std::chrono::milliseconds duration) {
  for (const auto end = Clock::now() + duration; Clock::now() < end;) {
  }
}

// How long a critical job waits for the index, in milliseconds. A low job has it, and a second one, with the priority
// given, will hand it back; forty jobs of normal priority are queued as well.
// #region inversion
double critical_waits(Priority second_half) {
  std::binary_semaphore index(1);
  std::latch taken(1);
  std::latch rest(1);
  ThreadPool pool({.workers = 2});
  pool.post(Priority::low, [&] {  // the first half of a merge
    index.acquire();
    taken.count_down();
    rest.wait();
    pool.post(second_half, [&] { index.release(); });  // when the second half is done
  });
  taken.wait();
  for (int i = 0; i < 40; ++i) pool.post(Priority::normal, [] { compute(std::chrono::milliseconds(5)); });
  auto waited = pool.submit(Priority::critical, [&, asked = Clock::now()] {
    index.acquire();
    index.release();
    return std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
  });
  rest.count_down();
  return waited.get();
}
// #endregion inversion

}  // namespace

int main() {
  std::printf("the low job's second half is low:       the critical job waited %6.2f ms\n",
              critical_waits(Priority::low));
  std::printf("the second half inherits the priority:  the critical job waited %6.2f ms\n",
              critical_waits(Priority::critical));
}

// Little's law on a live pool: what is in the queue on the average = arrivals a second x mean wait. The left side is
// sampled from outside, the right side is what the pool has measured. If they differ, one of them is wrong.
#include <chrono>
#include <cstdio>
#include <thread>

#include <pool/metrics/thread_pool.hpp>

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

double seconds(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void compute(Clock::duration time) {
  for (const auto until = Clock::now() + time; Clock::now() < until;) {
  }
}

}  // namespace

int main() {
  pool::metrics::ThreadPool pool({.workers = 1});
  const auto begin = Clock::now();
  // #region sample
  double queued = 0;  // tasks x seconds
  std::size_t samples = 0;
  auto last = Clock::now();
  for (int burst = 0; burst < 20; ++burst) {
    for (int i = 0; i < 50; ++i) static_cast<void>(pool.submit({.name = "task"}, [] { compute(1ms); }));
    for (bool busy = true; busy; ++samples) {
      std::this_thread::sleep_for(500us);
      const auto now = Clock::now();
      const auto stats = pool.stats().pool;
      queued += static_cast<double>(stats.pending) * seconds(now - last);
      last = now;
      busy = stats.pending + stats.active != 0;
    }
  }
  // #endregion sample
  pool.wait_idle();
  const double time = seconds(Clock::now() - begin);
  const auto stats = pool.stats();
  const double arrivals = static_cast<double>(stats.pool.submitted) / time, wait = seconds(stats.wait.mean());
  std::printf("seen in the queue, the mean of %zu looks    %6.2f\n", samples, queued / time);
  std::printf("arrivals a second x mean wait              %6.2f   (%.0f x %.1f ms)\n", arrivals * wait, arrivals,
              1000 * wait);
}

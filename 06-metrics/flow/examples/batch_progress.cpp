// A batch of 10,000 tasks: how far it is while it runs, what became of it, and how long it took.
#include <chrono>
#include <cstdio>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <poolcraft/pool.hpp>

namespace {

using namespace std::chrono_literals;

std::size_t digits_of_square(int n) {
  if (n == 6174) throw std::runtime_error("nobody squares this one");
  return std::to_string(static_cast<long>(n) * n).size();
}

}  // namespace

int main() {
  poolcraft::ThreadPool pool({.workers = 4});
  std::vector<int> numbers(10'000);
  std::iota(numbers.begin(), numbers.end(), 0);

  const auto batch = pool.submit_batch(numbers, {.name = "square"}, digits_of_square);
  const poolcraft::Periodic bar =
      pool.every(20ms, {.name = "progress"}, [&] { std::fprintf(stderr, "%5.1f %%\n", batch.progress().percent()); });
  batch.wait();
  bar.cancel();
  bar.wait();

  const poolcraft::Progress progress = batch.progress();
  std::printf("%zu tasks: %zu completed, %zu failed\n", progress.total(), progress.completed, progress.failed);
  for (const poolcraft::TaskInfo& task : pool.tasks(10, {.state = poolcraft::JobState::failed})) {
    std::printf("%s failed: %s\n", task.name.c_str(), task.exception.value_or("").c_str());
  }
  const poolcraft::Stats stats = pool.stats();
  std::printf("half of them took less than %lld ns, 99 %% less than %lld ns\n",
              static_cast<long long>(stats.execution.quantile(0.5).count()),
              static_cast<long long>(stats.execution.quantile(0.99).count()));
  return progress.completed == 9'999 && progress.failed == 1 ? 0 : 1;
}

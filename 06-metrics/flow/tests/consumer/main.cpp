// A program of somebody else's: it sees nothing but what was installed.
#include <poolcraft/pool.hpp>

#include <cstdio>
#include <vector>

namespace {

poolcraft::Coroutine<int> twice(poolcraft::ThreadPool& pool, poolcraft::Job<int> job) {
  co_await pool.schedule();
  co_return 2 * co_await job;
}

}  // namespace

int main() {
  poolcraft::ThreadPool pool({.workers = 2});
  const auto number = pool.submit(poolcraft::TaskOptions{.id = "number"}, [] { return 21; });
  const auto answer = pool.submit(poolcraft::TaskOptions{.name = "answer"}, twice(pool, number));
  const auto said = pool.after({"number", answer}, {.name = "say"},
                               [answer] { return std::printf("the answer is %d\n", answer.get()); });
  return said.get() > 0 && pool.get_task_result<int>("number", std::chrono::seconds(10)) == 21 ? 0 : 1;
}

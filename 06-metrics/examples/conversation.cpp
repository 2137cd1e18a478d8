// A conversation as a coroutine: it asks, waits and asks again, and holds no thread meanwhile. A thousand of them on two
// workers.
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <poolcraft/pool.hpp>

namespace {

using namespace std::chrono_literals;
using poolcraft::Coroutine;
using poolcraft::Job;
using poolcraft::ThreadPool;

// What would be a request; every third answer is "later".
std::optional<std::size_t> ask(std::size_t number, int attempt) {
  if ((number + static_cast<std::size_t>(attempt)) % 3 == 0) return std::nullopt;
  return number;
}

// #region conversation
Coroutine<std::size_t> conversation(ThreadPool& pool, std::size_t number) {
  for (int attempt = 0;; ++attempt) {
    const Job<std::optional<std::size_t>> question =
        pool.launch({}, [number, attempt] { return ask(number, attempt); });
    const std::optional<std::size_t> answer = co_await question;  // no thread waits here,
    if (answer) co_return *answer;
    co_await delay(pool, 10ms);  // nor here
  }
}
// #endregion conversation

}  // namespace

int main() {
  constexpr std::size_t kMany = 1000;
  ThreadPool pool({.workers = 2});
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Job<std::size_t>> all;
  for (std::size_t i = 0; i < kMany; ++i) all.push_back(launch(pool, conversation(pool, i)));
  std::size_t sum = 0;
  for (const Job<std::size_t>& one : all) sum += one.get();
  const auto took = std::chrono::steady_clock::now() - begin;
  std::printf("%zu conversations on %zu workers, a third of them with a break of 10 ms: %.0f ms\n", kMany, pool.size(),
              std::chrono::duration<double, std::milli>(took).count());
  std::puts(sum == kMany * (kMany - 1) / 2 ? "all have their answers" : "some answers are wrong");
  return sum == kMany * (kMany - 1) / 2 ? 0 : 1;
}

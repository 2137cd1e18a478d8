// Rounds from submit to idle, many of them: each begins with a pool that sleeps or is about to, so each is a chance to
// lose a wake-up. POOL_SOAK_ROUNDS sets how many (and POOL_TEST_LIMIT, in seconds, the watchdog's patience).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <pool/stealing/thread_pool.hpp>

namespace pool::stealing {
namespace {

std::uint64_t rounds() {
  const char* given = std::getenv("POOL_SOAK_ROUNDS");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return given != nullptr ? std::stoull(given) : 20'000;
}

// S4.2: nothing is lost, and nothing waits for ever. The jobs come from outside and from jobs, one or several at once.
TEST(StealingSoak, EveryRoundEndsWithoutShutdownsHelp) {
  ThreadPool pool({.workers = 2});
  std::atomic<std::uint64_t> ran{0};
  std::uint64_t handed_in = 0;
  for (std::uint64_t round = 0; round < rounds(); ++round) {
    const std::uint64_t outside = 1 + round % 3;
    const std::uint64_t inside = round % 4;
    for (std::uint64_t i = 0; i < outside; ++i) {
      pool.post([&pool, &ran, inside] {
        ran.fetch_add(1, std::memory_order_relaxed);
        for (std::uint64_t child = 0; child < inside; ++child) {
          pool.post([&ran] { ran.fetch_add(1, std::memory_order_relaxed); });
        }
      });
    }
    handed_in += outside * (1 + inside);
    pool.wait_idle();
    ASSERT_EQ(ran.load(), handed_in) << "round " << round;
  }
  const Totals totals = pool.totals();
  EXPECT_EQ(totals.submitted, handed_in);
  EXPECT_EQ(totals.completed, handed_in);
}

// Two jobs that meet: each waits for the other, so both workers have to be awake.
TEST(StealingSoak, InEveryRoundBothWorkersAreWoken) {
  ThreadPool pool({.workers = 2});
  for (std::uint64_t round = 0; round < rounds() / 4; ++round) {
    std::atomic<int> here{0};
    const auto meet = [&here] {
      ++here;
      here.notify_all();
      for (int met = here.load(); met < 2; met = here.load()) here.wait(met);
    };
    pool.post(meet);
    pool.post(meet);
    pool.wait_idle();
    ASSERT_EQ(here.load(), 2) << "round " << round;
  }
}

}  // namespace
}  // namespace pool::stealing

// parallel_for and parallel_reduce.
#include <gtest/gtest.h>

#include <pthread.h>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/stealing/parallel_for.hpp>
#include <pool/stealing/parallel_reduce.hpp>
#include <pool/testing/allocations.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>

namespace pool::stealing {
namespace {

using testing::Gate;

// A range, and how it is divided.
struct Case {
  std::size_t size;
  std::optional<std::size_t> grain;
};
const std::vector<Case> kCases{{0, {}}, {0, 3},  {1, {}},  {1, 1},     {1, 9},      {2, 1},    {7, 3},
                               {8, 4},  {64, 1}, {65, {}}, {1000, {}}, {1000, 999}, {5000, 7}, {5000, 1}};

template <class F>
std::string thrown_by(F&& f) {
  try {
    f();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

// --- parallel_for ----------------------------------------------------------------------------------------------------

// S4.6
TEST(ParallelFor, EachElementIsDoneOnce) {
  for (const std::size_t workers : {1U, 2U, 5U}) {
    ThreadPool pool({.workers = workers});
    for (const Case& range : kCases) {
      const std::size_t size = range.size;
      const LoopOptions options{.grain = range.grain};
      std::vector<std::atomic<int>> from_outside(size), in_a_job(size);
      parallel_for(
          pool, std::size_t{0}, size, [&](std::size_t i) { ++from_outside[i]; }, options);
      pool.launch({},
                  [&] {
                    parallel_for(
                        pool, in_a_job, [](std::atomic<int>& i) { ++i; }, options);
                  })
          .get();
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(from_outside[i], 1) << i << " of " << size << ", " << workers << " workers";
        ASSERT_EQ(in_a_job[i], 1) << i << " of " << size << ", " << workers << " workers";
      }
    }
  }
}

TEST(ParallelFor, IndicesMayBeOfAnyIntegerType) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> sum{0};
  parallel_for(pool, -5, 3, [&](int i) { sum += i; });
  EXPECT_EQ(sum.exchange(0), -12);
  parallel_for(pool, std::int8_t{-128}, std::int8_t{127}, [&](std::int8_t i) { sum += i; });
  EXPECT_EQ(sum.exchange(0), -255);
  parallel_for(pool, 0, std::size_t{4}, [&](std::size_t i) { sum += static_cast<int>(i); });
  EXPECT_EQ(sum.exchange(0), 6);
  parallel_for(pool, 5, 3, [&](int i) { sum += i; });
  EXPECT_EQ(sum.load(), 0) << "as in a loop, there is nothing between 5 and 3";
  EXPECT_THROW(parallel_for(pool, -1, std::size_t{4}, [&](std::size_t) { ++sum; }), std::invalid_argument);
  EXPECT_EQ(sum.load(), 0);
}

TEST(ParallelFor, IteratorsAndRangesOfAnyKindWithRandomAccess) {
  ThreadPool pool({.workers = 2});
  std::deque<int> numbers(100, 1);
  parallel_for(pool, numbers, [](int& number) { number += 1; });
  parallel_for(pool, numbers.begin() + 50, numbers.end(), [](int& number) { number += 1; });
  EXPECT_EQ(numbers.front(), 2);
  EXPECT_EQ(numbers.back(), 3);
  EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0), 250);
  const std::vector<int>& constant = {1, 2, 3};
  std::atomic<int> sum{0};
  parallel_for(pool, constant, [&](const int& number) { sum += number; });
  EXPECT_EQ(sum.load(), 6);
}

TEST(ParallelFor, MayBeNested) {
  for (const std::size_t workers : {1U, 3U}) {
    ThreadPool pool({.workers = workers});
    std::vector<std::atomic<int>> done(40 * 50);
    parallel_for(pool, 0, 40, [&](int row) {
      parallel_for(pool, 0, 50, [&](int column) {
        const int place = 50 * row + column;
        ++done[static_cast<std::size_t>(place)];
      });
    });
    for (const auto& times : done) ASSERT_EQ(times, 1);
  }
}

// The first grain does not end before another one has begun.
TEST(ParallelFor, WhoHasNothingToDoTakesPart) {
  ThreadPool pool({.workers = 2});
  for (const auto grain : {std::optional<std::size_t>{}, std::optional<std::size_t>{1}}) {
    for (int round = 0; round < 100; ++round) {
      std::atomic<int> begun{0};
      parallel_for(pool, 0, 2,
                   [&](int) {
                     ++begun;
                     while (begun < 2) std::this_thread::yield();
                   },
                   {.grain = grain});
    }
  }
}

TEST(ParallelFor, WhoIsAloneDividesSeldom) {
  ThreadPool pool({.workers = 1});
  std::vector<int> order;
  parallel_for(pool, 0, 1000, [&](int i) { order.push_back(i); }, {.grain = 10});
  std::vector<int> sorted(1000);
  std::iota(sorted.begin(), sorted.end(), 0);
  EXPECT_EQ(order, sorted);
  EXPECT_EQ(pool.scheduling()[0].steals, 0U);
}

TEST(ParallelFor, FIsNotCopiedAndNothingIsAllocated) {
  struct Pinned {
    std::atomic<int> calls{0};
    Pinned() = default;
    Pinned(const Pinned&) = delete;
    Pinned& operator=(const Pinned&) = delete;
    void operator()(int) { ++calls; }
  };
  ThreadPool pool({.workers = 2});
  Pinned f;
  pool.launch({},
              [&] {
                const testing::Allocations allocations;
                parallel_for(pool, 0, 10'000, f);
                EXPECT_EQ(allocations.since(), 0U);
              })
      .get();
  EXPECT_EQ(f.calls, 10'000);
}

TEST(ParallelFor, AGrainOfNothingIsAnError) {
  ThreadPool pool({.workers = 1});
  const std::string text = "pool: a loop with grain = 0 would never end; give it 1 or more, or none";
  EXPECT_EQ(thrown_by([&] { parallel_for(pool, 0, 9, [](int) {}, {.grain = 0}); }), text);
  EXPECT_THROW(parallel_for(pool, 0, 0, [](int) {}, {.grain = 0}), std::invalid_argument);
}

TEST(ParallelFor, TheFirstExceptionIsThrownAndEndsTheLoop) {
  for (const std::size_t workers : {1U, 3U}) {
    ThreadPool pool({.workers = workers});
    std::atomic<std::uint64_t> done{0};
    std::size_t failed = 99;
    const auto error = thrown_by([&] {  // so many that only an exception ends it
      parallel_for(pool, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(),
                   [&](std::uint64_t) {
                     if (++done == 1000) throw std::runtime_error("the thousandth");
                   },
                   {.failed = &failed});
    });
    EXPECT_EQ(error, "the thousandth");
    EXPECT_EQ(failed, 1U);
  }
}

// Three grains that run at the same time throw, one after the other.
TEST(ParallelFor, AllExceptionsAreCounted) {
  ThreadPool pool({.workers = 3});
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> begun{0};
    std::atomic<int> turn{0};
    std::size_t failed = 0;
    const auto error = thrown_by([&] {
      parallel_for(pool, 0, 3,
                   [&](int) {
                     const int number = begun++;
                     while (begun < 3 || turn != number) std::this_thread::yield();
                     const basic::Finally next{[&] { ++turn; }};
                     throw std::runtime_error(std::to_string(number));
                   },
                   {.grain = 1, .failed = &failed});
    });
    EXPECT_EQ(error.size(), 1U);
    EXPECT_EQ(failed, 3U);
  }
}

TEST(ParallelFor, WhatDidNotFailIsCountedAsSuch) {
  ThreadPool pool({.workers = 2});
  std::size_t failed = 99;
  parallel_for(pool, 0, 100, [](int) {}, {.failed = &failed});
  EXPECT_EQ(failed, 0U);
}

TEST(ParallelFor, AThreadThatEndsIsAnError) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> begun{0};
  std::atomic<std::thread::id> root{};
  const auto error = thrown_by([&] {
    pool.launch({},
                [&] {
                  root = std::this_thread::get_id();
                  parallel_for(pool, 0, 2,
                               [&](int) {
                                 ++begun;
                                 while (begun < 2) std::this_thread::yield();
                                 if (std::this_thread::get_id() != root) pthread_exit(nullptr);
                               },
                               {.grain = 1});
                })
        .get();
  });
  EXPECT_EQ(error, "pool: half of an invoke() has ended the thread that it ran on");
}

// --- cancellation ----------------------------------------------------------------------------------------------------

TEST(ParallelFor, ACancelledTokenLetsNothingBegin) {
  ThreadPool pool({.workers = 2});
  const priority::CancelSource source;
  source.cancel("no longer wanted");
  std::atomic<int> done{0};
  std::size_t failed = 99;
  EXPECT_EQ(thrown_by([&] {
              parallel_for(pool, 0, 1000, [&](int) { ++done; }, {.token = source.token(), .failed = &failed});
            }),
            "pool: cancelled (no longer wanted)");
  EXPECT_EQ(done, 0);
  EXPECT_EQ(failed, 0U);
  EXPECT_NO_THROW(parallel_for(pool, 0, 0, [&](int) { ++done; }, {.token = source.token()})) << "nothing is left out";
}

// Calls cancel() at the thousandth element, and counts those that come after that.
struct Canceller {
  const priority::CancelSource source{};
  std::atomic<int> done{0};
  std::atomic<bool> cancelled{false};
  std::atomic<int> late{0};
  void operator()() {
    if (cancelled) ++late;
    if (++done != 1000) return;
    source.cancel();
    cancelled = true;
  }
};

TEST(ParallelFor, ATokenEndsALoopThatRuns) {
  ThreadPool pool({.workers = 2});
  Canceller canceller;
  EXPECT_THROW(parallel_for(pool, std::int64_t{0}, std::numeric_limits<std::int64_t>::max(),
                            [&](std::int64_t) { canceller(); }, {.grain = 10, .token = canceller.source.token()}),
               priority::Cancelled);
  EXPECT_LE(canceller.late, 2 * 10) << "what has begun is finished";
}

TEST(ParallelFor, ATokenThatIsCancelledWhenAllIsBegunChangesNothing) {
  ThreadPool pool({.workers = 1});
  const priority::CancelSource source;
  int done = 0;
  parallel_for(pool, 0, 100,
               [&](int) {
                 if (++done == 100) source.cancel();
               },
               {.grain = 10, .token = source.token()});
  EXPECT_EQ(done, 100);
}

TEST(ParallelFor, AnExceptionComesBeforeACancellation) {
  ThreadPool pool({.workers = 1});
  const priority::CancelSource source;
  EXPECT_EQ(thrown_by([&] {
              parallel_for(pool, 0, 100,
                           [&](int) {
                             source.cancel();
                             throw std::runtime_error("the first");
                           },
                           {.grain = 1, .token = source.token()});
            }),
            "the first");
}

// --- the end of a pool -----------------------------------------------------------------------------------------------

TEST(ParallelFor, AJobMayLoopWhenThePoolIsShutDown) {
  ThreadPool pool({.workers = 2});
  Gate begun;
  std::atomic<bool> closed{false};
  std::atomic<int> done{0};
  pool.post([&] {
    begun.open();
    while (!closed) std::this_thread::yield();
    parallel_for(pool, 0, 1000, [&](int) { ++done; });
  });
  begun.wait();
  EXPECT_FALSE(pool.shutdown_for(std::chrono::milliseconds(1)));
  closed = true;
  pool.shutdown();
  EXPECT_EQ(done, 1000);
  EXPECT_THROW(parallel_for(pool, 0, 9, [](int) {}), PoolStopped);
}

TEST(ParallelFor, FromOutsideAFullPoolItMayRunInTheCaller) {
  testing::Held<ThreadPool> held({.capacity = 1, .overflow = Overflow::run_in_caller});
  held.queue(1);
  int done = 0;
  parallel_for(held.pool, 0, 1000, [&](int) { ++done; });
  EXPECT_EQ(parallel_reduce(held.pool, 0, 100, 0, std::identity{}, std::plus<>{}), 4950);
  EXPECT_EQ(parallel_reduce(held.pool, 0, 100, 0, std::identity{}, std::plus<>{}, {.grain = 3, .fixed_order = true}),
            4950);
  EXPECT_EQ(done, 1000);
}

// --- parallel_reduce -------------------------------------------------------------------------------------------------

// S4.6
TEST(ParallelReduce, NothingIsLeftOutAndTheOrderIsKept) {
  for (const std::size_t workers : {1U, 2U, 5U}) {
    ThreadPool pool({.workers = workers});
    for (const auto& [size, grain] : kCases) {
      std::vector<std::size_t> all(size);
      std::iota(all.begin(), all.end(), std::size_t{0});
      for (const bool fixed : {false, true}) {
        const auto joined = parallel_reduce(
            pool, all, std::vector<std::size_t>{}, [](std::size_t i) { return std::vector{i}; },
            [](std::vector<std::size_t> a, const std::vector<std::size_t>& b) {
              a.insert(a.end(), b.begin(), b.end());
              return a;
            },
            {.grain = grain, .fixed_order = fixed});
        ASSERT_EQ(joined, all) << size << ", " << workers << " workers, " << (fixed ? "fixed" : "any") << " order";
      }
    }
  }
}

// The other half is stolen while the first element waits, and not before: so there is something to be kept when the rest
// is divided.
TEST(ParallelReduce, WhatCameBeforeADivisionCounts) {
  ThreadPool pool({.workers = 2});
  Gate begun, stolen;
  pool.post([&] { begun.wait(); });
  const auto next = [&](int i) {
    if (i == 4) stolen.open();
    if (i == 0) begun.open(), stolen.wait();
    return i + 1;
  };
  EXPECT_EQ(parallel_reduce(pool, 0, 8, 0, next, std::plus<>{}, {.grain = 1}), 36);
}

TEST(ParallelReduce, InAJobAndNested) {
  ThreadPool pool({.workers = 3});
  const long sum =
      pool.launch({},
                  [&] {
                    return parallel_reduce(
                        pool, 1L, 101L, 0L,
                        [&](long n) { return parallel_reduce(pool, 1L, n + 1, 0L, std::identity{}, std::plus<>{}); },
                        std::plus<>{});
                  })
          .get();
  EXPECT_EQ(sum, 171'700);
}

// What is combined with what, in brackets.
std::string tree(ThreadPool& pool, int size, std::optional<std::size_t> grain) {
  return parallel_reduce(
      pool, 0, size, std::string(), [](int i) { return std::to_string(i); },
      [](const std::string& a, const std::string& b) { return a.empty() ? b : "(" + a + " " + b + ")"; },
      {.grain = grain, .fixed_order = true});
}

TEST(ParallelReduce, AFixedOrderDependsOnTheSizeAndTheGrainAlone) {
  ThreadPool one({.workers = 1});
  EXPECT_EQ(tree(one, 7, 2), "((0 (1 2)) ((3 4) (5 6)))");
  EXPECT_EQ(tree(one, 4, {}), "((0 1) (2 3))");
  ThreadPool five({.workers = 5});
  for (const int size : {1, 2, 1000, 3000}) {
    for (const std::optional<std::size_t> grain : {std::optional<std::size_t>{}, std::optional<std::size_t>{17}}) {
      const std::string expected = tree(one, size, grain);
      for (int round = 0; round < 5; ++round) EXPECT_EQ(tree(five, size, grain), expected) << size;
    }
  }
}

TEST(ParallelReduce, SoRoundingErrorsAreTheSameEachTime) {
  std::vector<double> numbers(100'000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::sin(static_cast<double>(i)) * 1e10;
  std::optional<double> first;
  for (const std::size_t workers : {1U, 2U, 3U, 7U}) {
    ThreadPool pool({.workers = workers});
    const double sum = parallel_reduce(pool, numbers, 0.0, std::identity{}, std::plus<>{}, {.fixed_order = true});
    if (!first) first = sum;
    EXPECT_EQ(sum, *first) << workers;
  }
}

TEST(ParallelReduce, ResultsMayBeLarge) {
  ThreadPool pool({.workers = 2});
  using Histogram = std::vector<int>;
  const Histogram counts = parallel_reduce(
      pool, 0, 1000, Histogram(10), [](int i) { return Histogram(10, i % 10 == 0 ? 1 : 0); },
      [](Histogram a, const Histogram& b) {
        for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
        return a;
      });
  EXPECT_EQ(counts, Histogram(10, 100));
}

TEST(ParallelReduce, AGrainOfNothingIsAnError) {
  ThreadPool pool({.workers = 1});
  for (const bool fixed : {false, true}) {
    const LoopOptions options{.grain = 0, .fixed_order = fixed};
    EXPECT_THROW(static_cast<void>(parallel_reduce(pool, 0, 9, 0, std::identity{}, std::plus<>{}, options)),
                 std::invalid_argument);
  }
}

TEST(ParallelReduce, WhatMapThrowsIsThrown) {
  for (const std::size_t workers : {1U, 3U}) {
    ThreadPool pool({.workers = workers});
    for (const bool fixed : {false, true}) {
      std::size_t failed = 0;
      const auto map = [](int i) { return i == 777 ? throw std::runtime_error("777") : i; };
      const LoopOptions options{.grain = 5, .failed = &failed, .fixed_order = fixed};
      EXPECT_EQ(thrown_by([&] { static_cast<void>(parallel_reduce(pool, 0, 1000, 0, map, std::plus<>{}, options)); }),
                "777");
      EXPECT_EQ(failed, 1U);
    }
  }
}

TEST(ParallelReduce, WhatCombineAndCopiesThrowIsThrown) {
  struct Fragile {
    int value = 0;
    int* copies = nullptr;
    Fragile(int number, int* counter) : value(number), copies(counter) {}
    Fragile(const Fragile& other) : value(other.value), copies(other.copies) {
      if (copies != nullptr && --*copies < 0) throw std::runtime_error("copy");
    }
    Fragile(Fragile&&) = default;
    Fragile& operator=(const Fragile&) = default;
    Fragile& operator=(Fragile&&) = default;
  };
  ThreadPool pool({.workers = 1});
  for (const bool fixed : {false, true}) {
    const LoopOptions options{.grain = 5, .fixed_order = fixed};
    EXPECT_EQ(thrown_by([&] {
                const auto combine = [](int a, int b) { return b == 77 ? throw std::runtime_error("77") : a + b; };
                static_cast<void>(parallel_reduce(pool, 0, 100, 0, std::identity{}, combine, options));
              }),
              "77");
    int copies = 2;
    EXPECT_EQ(thrown_by([&] {
                const auto map = [](int i) { return Fragile(i, nullptr); };
                const auto combine = [](Fragile a, const Fragile& b) {
                  a.value += b.value;
                  return a;
                };
                static_cast<void>(parallel_reduce(pool, 0, 100, Fragile(0, &copies), map, combine, options));
              }),
              "copy");
  }
}

TEST(ParallelReduce, ATokenEndsIt) {
  ThreadPool pool({.workers = 2});
  for (const bool fixed : {false, true}) {
    Canceller canceller;
    const auto map = [&](int i) { return canceller(), i % 2; };
    EXPECT_THROW(
        static_cast<void>(parallel_reduce(pool, 0, 1'000'000, 0, map, std::plus<>{},
                                          {.grain = 10, .token = canceller.source.token(), .fixed_order = fixed})),
        priority::Cancelled);
    EXPECT_LE(canceller.late, 2 * 10);
  }
}

}  // namespace
}  // namespace pool::stealing

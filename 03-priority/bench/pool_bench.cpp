// Workloads W1 and W3 on the pool of stage 03 beside the one of stage 02: what priorities and jobs cost a job that does
// nothing.
//
//   W1  empty jobs, one producer, fire and forget: from the first post until the last job has run
//   W3  hand in, then get every result: from a future, or from a Job
//
// With one level all work is normal; with five, each level has a fifth of it.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "counted_jobs.hpp"
#include "pools.hpp"

namespace {

using namespace bench;
using pool::priority::kLevels;

constexpr std::uint64_t kJobs = 1'000'000;
constexpr std::size_t kWorkers = 2;

template <std::size_t levels>
Priority priority_of(std::uint64_t job) {
  return levels == 1 ? Priority::normal : static_cast<Priority>(job % levels);
}

template <class Pool, std::size_t levels>
void post_jobs(benchmark::State& state) {
  measure(state, kJobs, [] {
    Pool pool(kWorkers);
    std::thread producer([&] {
      for (std::uint64_t i = 0; i < kJobs; ++i) pool.post(priority_of<levels>(i), Job{});
    });
    producer.join();
    pool.finish();
  });
}

struct Submit {
  static auto hand_in(Stage02& pool, Priority) { return pool.submit(Job{}); }
  static auto hand_in(Stage03<>& pool, Priority priority) { return pool.submit(priority, Job{}); }
};
struct Launch {
  static auto hand_in(Stage03<>& pool, Priority priority) { return pool.launch({.priority = priority}, Job{}); }
};

template <class Pool, std::size_t levels, class How>
void hand_in_and_get(benchmark::State& state) {
  measure(state, kJobs, [] {
    Pool pool(kWorkers);
    std::vector<decltype(How::hand_in(pool, Priority::normal))> results;
    results.reserve(1000);
    for (std::uint64_t done = 0; done < kJobs; done += 1000) {
      for (std::uint64_t i = 0; i < 1000; ++i) results.push_back(How::hand_in(pool, priority_of<levels>(i)));
      for (auto& result : results) result.get();
      results.clear();
    }
    pool.finish();
  });
}

}  // namespace

#define W1(who, ...) BENCHMARK(post_jobs<__VA_ARGS__>)->Name("w1/" who)->UseRealTime()->Iterations(1)
#define W3(who, ...) BENCHMARK(hand_in_and_get<__VA_ARGS__>)->Name("w3/" who)->UseRealTime()->Iterations(1)

W1("pool of stage 02", Stage02, 1);
W1("stage 03, one level", Stage03<>, 1);
W1("stage 03, five levels", Stage03<>, kLevels);
W1("std::priority_queue, one level", TextbookPool, 1);
W1("std::priority_queue, five levels", TextbookPool, kLevels);
#ifdef POOL_BENCH_TBB
W1("oneTBB, one arena", OneTbb, 1);
W1("oneTBB, three arenas", OneTbb, kLevels);
#endif

// The textbook's pool and oneTBB's arenas give no results of themselves.
W3("pool of stage 02", Stage02, 1, Submit);
W3("stage 03, one level", Stage03<>, 1, Submit);
W3("stage 03, five levels", Stage03<>, kLevels, Submit);
W3("launch, one level", Stage03<>, 1, Launch);
W3("launch, five levels", Stage03<>, kLevels, Launch);

BENCHMARK_MAIN();

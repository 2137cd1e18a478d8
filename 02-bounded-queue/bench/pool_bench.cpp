// Workloads W1 and W3 on the pool of stage 02 beside the one of stage 01: what the bound, the statistics and wait_idle
// cost a job that does nothing.
//
//   W1  empty jobs, one producer, fire and forget: from the first post until the last job has run
//   W3  submit, then get every future
//
// Every job counts itself; a run in which the count is not right is an error, not a number.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <thread>
#include <vector>

#include <pool/basic/thread_pool.hpp>
#include <pool/bounded/thread_pool.hpp>

namespace {

constexpr std::uint64_t kJobs = 1'000'000;

// Jobs that have run. Each thread counts for itself and adds its sum when it ends.
std::atomic<std::uint64_t> counted{0};
struct Count {
  std::uint64_t jobs = 0;
  ~Count() { counted += jobs; }
};
thread_local Count mine;

struct Job {
  void operator()() const { ++mine.jobs; }
};

struct Stage01 : pool::basic::ThreadPool {
  Stage01() : ThreadPool({.workers = 2}) {}
};
template <std::size_t capacity>
struct Stage02 : pool::bounded::ThreadPool {
  Stage02() : ThreadPool({.workers = 2, .capacity = capacity}) {}
};

template <class Body>
void measure(benchmark::State& state, Body&& body) {
  for (auto _ : state) {
    counted = 0;
    body();
    if (counted != kJobs) state.SkipWithError("a job was lost or ran twice");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kJobs));
}

template <class Pool>
void post_jobs(benchmark::State& state) {
  measure(state, [] {
    Pool pool;
    std::thread producer([&] {
      for (std::uint64_t i = 0; i < kJobs; ++i) pool.post(Job{});
    });
    producer.join();
    pool.shutdown();
  });
}

template <class Pool>
void submit_and_get(benchmark::State& state) {
  measure(state, [] {
    Pool pool;
    std::vector<std::future<void>> futures;
    futures.reserve(1000);
    for (std::uint64_t done = 0; done < kJobs; done += 1000) {
      for (int i = 0; i < 1000; ++i) futures.push_back(pool.submit(Job{}));
      for (auto& future : futures) future.get();
      futures.clear();
    }
    pool.shutdown();
  });
}

}  // namespace

#define POOL(who, Type)                                                      \
  BENCHMARK(post_jobs<Type>)->Name("w1/" who)->UseRealTime()->Iterations(1); \
  BENCHMARK(submit_and_get<Type>)->Name("w3/" who)->UseRealTime()->Iterations(1)

POOL("pool of stage 01", Stage01);
POOL("pool of stage 02", Stage02<0>);
POOL("stage 02, capacity 1024", Stage02<1024>);

BENCHMARK_MAIN();

// Workload W7: the bytes that a queued job takes, of a hundred thousand that capture eight, while the workers are held.
//
// Counted is what the allocator has given out, with its own overhead: for the future or the Job that the caller keeps,
// too, but not for the handle itself, of eight or sixteen bytes. Only where the C library says how much that is.
#include <benchmark/benchmark.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <vector>

#include "pools.hpp"

namespace {

using namespace bench;

constexpr std::size_t kJobs = 100'000;

std::size_t given_out() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;  // the second: what is mapped by itself, for it is large
}

struct Job {
  std::atomic<std::uint64_t>* counted;
  void operator()() const { ++*counted; }
};

struct Post {
  template <class Pool>
  static auto hand_in(Pool& pool, Job job) {
    return pool.post(Priority::normal, job), 0;
  }
};
struct Submit {
  template <class Pool>
  static auto hand_in(Pool& pool, Job job) {
    return pool.submit(job);
  }
};
struct Launch {
  template <class Pool>
  static auto hand_in(Pool& pool, Job job) {
    return pool.launch({}, job);
  }
};

template <class Pool, class How>
void queued(benchmark::State& state) {
  for (auto _ : state) {
    std::atomic<std::uint64_t> ran{0};
    std::promise<void> go;
    Pool pool(1);
    pool.post(Priority::normal, [held = go.get_future().share()] { held.wait(); });
    std::vector<decltype(How::hand_in(pool, Job{}))> results;
    results.reserve(kJobs);
    const std::size_t before = given_out();
    for (std::size_t i = 0; i < kJobs; ++i) results.push_back(How::hand_in(pool, Job{&ran}));
    state.counters["bytes"] = static_cast<double>(given_out() - before) / kJobs;
    go.set_value();
    pool.finish();
    if (ran != kJobs) state.SkipWithError("a job was lost or ran twice");
  }
}

}  // namespace

#define POOL(who, ...) BENCHMARK(queued<__VA_ARGS__>)->Name("w7/" who)->UseRealTime()->Iterations(1)

POOL("stage 02, post", Stage02, Post);
POOL("stage 02, submit", Stage02, Submit);
POOL("stage 03, post", Stage03<>, Post);
POOL("stage 03, submit", Stage03<>, Submit);
POOL("stage 03, launch", Stage03<>, Launch);
#endif

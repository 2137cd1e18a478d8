// How long work waits, from the moment it is handed in until it starts, when more comes than can be done: for half a
// second, jobs of 30 µs, a fifth of them of each level, at 1.3 times the rate that the workers manage.
//
// The producer has a core to itself, and hands a job in when its time has come, whether the others are done or not. The
// time is read when it hands the job in and when the job starts, so all that lies between is counted.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "../../02-bounded-queue/bench/busy_work.hpp"
#include "pools.hpp"

namespace {

using namespace bench;
using pool::priority::kLevels;
using pool::priority::kPriorityNames;

constexpr std::uint64_t kWork = 30;  // µs a job
constexpr double kOverload = 1.3;
constexpr Seconds kTime{0.5};

struct Arrival {
  Priority priority{};
  Clock::time_point handed_in, started;
  std::uint8_t times = 0;
};

template <class Pool>
void hand_in(std::vector<Arrival>& arrivals, std::size_t workers, Seconds interval) {
  const std::uint64_t rounds = kWork * calibrate();
  Pool pool(workers);
  Clock::time_point due = Clock::now();
  for (Arrival& arrival : arrivals) {
    while ((arrival.handed_in = Clock::now()) < due) {
    }
    pool.post(arrival.priority, [&arrival, rounds] {
      arrival.started = Clock::now();
      ++arrival.times;
      spin(rounds);
    });
    due += std::chrono::duration_cast<Clock::duration>(interval);
  }
  pool.finish();
}

// The wait which that share of the arrivals of a level did not exceed, in milliseconds.
double quantile(const std::vector<Arrival>& arrivals, std::size_t level, double share) {
  std::vector<double> waits;
  for (const Arrival& arrival : arrivals) {
    if (level_of(arrival.priority) != level) continue;
    waits.push_back(std::chrono::duration<double, std::milli>(arrival.started - arrival.handed_in).count());
  }
  const auto at = waits.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(waits.size() - 1));
  std::nth_element(waits.begin(), at, waits.end());
  return *at;
}

template <class Pool>
void overload(benchmark::State& state) {
  const std::size_t workers = std::max(2U, std::thread::hardware_concurrency()) - 1;
  const Seconds interval = Seconds(kWork * 1e-6) / static_cast<double>(workers) / kOverload;
  std::vector<Arrival> arrivals(static_cast<std::size_t>(kTime / interval));
  for (std::size_t i = 0; i < arrivals.size(); ++i) arrivals[i].priority = static_cast<Priority>(i % kLevels);
  for (std::minstd_rand random; auto _ : state) {
    std::shuffle(arrivals.begin(), arrivals.end(), random);
    hand_in<Pool>(arrivals, workers, interval);
    for (const Arrival& arrival : arrivals) {
      if (arrival.times != 1) state.SkipWithError("a job was lost or ran twice");
    }
    for (std::size_t level = 0; level < kLevels; ++level) {
      const std::string at = " @ " + std::to_string(level) + " " + std::string(kPriorityNames[level]);
      state.counters["p50" + at] = quantile(arrivals, level, 0.5);
      state.counters["p90" + at] = quantile(arrivals, level, 0.9);
    }
  }
}

}  // namespace

#define POOL(who, Type) BENCHMARK(overload<Type>)->Name("wait/" who)->UseRealTime()->Iterations(1)

POOL("stage 02, no priorities", Stage02);
POOL("stage 03, no ageing", Stage03<0>);
// Longer, and shorter, than what a queue without priorities lets everybody wait.
POOL("stage 03, ageing 200 ms", Stage03<200>);
POOL("stage 03, ageing 50 ms", Stage03<50>);
#ifdef POOL_BENCH_TBB
POOL("oneTBB, three arenas", OneTbb);
#endif

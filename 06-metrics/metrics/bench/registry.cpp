// What the registry costs:
//
//   W15  a task, beside a job that the registry does not know
//   W16  bytes for each task that is kept
//   W17  a snapshot of a pool of 20 and of 1,000 workers, and its text for Prometheus
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <pool/metrics/prometheus.hpp>
#include <pool/metrics/thread_pool.hpp>

#include "../../../04-stealing/bench/enlist.hpp"

namespace {

using namespace bench;
using pool::metrics::Stats;
using pool::metrics::TaskOptions;
using Pool = pool::metrics::ThreadPool;

constexpr std::array kTask = {Result{"w15", "W15: a task, submitted and run", "ns", "lower"}};
constexpr std::array kBytes = {Result{"w16", "W16: memory of a task that is kept", "bytes", "lower"}};
constexpr std::array kSnapshot = {Result{"w17", "W17: a snapshot", "µs", "lower"},
                                  Result{"w17-text", "W17: a snapshot as text for Prometheus", "µs", "lower"}};

template <class Submit>
Outcome tasks(Submit&& submit, pool::metrics::Options options) {
  options.workers = settings.workers;
  Pool pool(std::move(options));
  const std::size_t jobs = settings.size(1'000'000, 1'000);
  const Stopwatch watch;
  for (std::size_t i = 0; i < jobs; ++i) submit(pool);
  pool.wait_idle();
  const Used used = watch.stop();
  return {.values = {1e9 * used.seconds / static_cast<double>(jobs)}, .used = used, .jobs = jobs};
}

Outcome registered() {
  return tasks([](Pool& pool) { static_cast<void>(pool.submit(TaskOptions{}, [] {})); }, {});
}
Outcome registered_untimed() {
  return tasks([](Pool& pool) { static_cast<void>(pool.submit(TaskOptions{}, [] {})); }, {.metrics = false});
}
Outcome launched() {
  return tasks([](Pool& pool) { static_cast<void>(pool.launch({}, [] {})); }, {});
}

Outcome bytes() {
  const std::size_t kept = settings.size(200'000, 1'000);
  Pool pool({.workers = settings.workers, .history = kept});
  for (int i = 0; i < 100; ++i) static_cast<void>(pool.submit(TaskOptions{}, [] { return 1; }));
  pool.wait_idle();
  const double before = memory("VmRSS");
  const Stopwatch watch;
  for (std::size_t i = 0; i < kept; ++i) {
    static_cast<void>(pool.submit(TaskOptions{}, [] { return 1; }));
    if (i % 1'000 == 0) pool.wait_idle();  // what is queued takes memory, too
  }
  pool.wait_idle();
  return {.values = {(memory("VmRSS") - before) / static_cast<double>(kept)}, .used = watch.stop(), .jobs = kept};
}

template <std::size_t workers>
Outcome snapshot() {
  Pool pool({.workers = settings.quick ? std::min<std::size_t>(workers, 20) : workers});
  for (std::size_t i = 0; i < 10 * workers; ++i) static_cast<void>(pool.submit(TaskOptions{}, [] {}));
  pool.wait_idle();
  const std::size_t times = settings.size(1'000, 3);
  std::size_t seen = 0;
  const Stopwatch watch;
  for (std::size_t i = 0; i < times; ++i) seen += pool.stats().workers.size();
  const double stats = watch.stop().seconds;
  for (std::size_t i = 0; i < times; ++i) seen += to_prometheus(pool.stats()).size();
  const Used used = watch.stop();
  if (seen == 0) fail("the snapshots are empty");
  const double each = 1e6 / static_cast<double>(times);
  return {.values = {stats * each, (used.seconds - stats) * each}, .used = used, .jobs = times, .workers = workers};
}

bool add(int order, std::string_view workload, const char* who, std::span<const Result> results, Outcome (*run)()) {
  measurements().push_back({order, workload, who, results, run});
  return true;
}

const bool added[] = {add(202, "w15", "stage 06", kTask, registered),
                      add(202, "w15", "stage 06, metrics off", kTask, registered_untimed),
                      add(202, "w15", "stage 06, launch", kTask, launched),
                      add(203, "w16", "stage 06", kBytes, bytes),
                      add(204, "w17", "stage 06, 20 workers", kSnapshot, snapshot<20>),
                      add(204, "w17", "stage 06, 1,000 workers", kSnapshot, snapshot<1000>)};

}  // namespace

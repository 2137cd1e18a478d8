#include "policy_run.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>
#include <utility>

#include <pool/autoscale/hill_climbing.hpp>
#include <pool/autoscale/thread_pool.hpp>
#include "slow_source.hpp"

using namespace pool::autoscale;
using namespace indexer;

namespace {

constexpr std::chrono::milliseconds kLook{40};  // between two looks

double seconds_since(Time start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// #region hostile
// The handler of the hostile type. Whoever calls it does not come back: no exception, and nothing to be caught.
[[noreturn]] void handle_hostile() {
  ::pthread_exit(nullptr);
}
// #endregion hostile

// What is shared by the jobs of one run. Each has places of its own, but for the indexes, of which each worker has one.
struct Shared {
  explicit Shared(const LoadPlan& plan)
      : source(plan.lanes, plan.a_read),
        indexes(plan.max),
        files(plan.files.size()),
        submitted(plan.files.size()),
        waits(plan.files.size()) {}

  void note(const Event& event) {
    if (event.kind != Event::Kind::died) return;
    const std::lock_guard lock(mutex);
    deaths.push_back(event.time);
  }

  SlowSource source;
  std::vector<Index> indexes;
  std::vector<Completion> files;
  std::vector<double> submitted, waits;
  Time start{};
  std::atomic<std::size_t> finished{0};
  std::mutex mutex;
  std::vector<Time> deaths;  // guarded by mutex
};

// Hands in what is due, looks around now and then, and returns when all is done and the time is over.
class Feeder {
 public:
  Feeder(const LoadPlan& plan, Shared& shared, std::function<void()> look)
      : plan_(plan), shared_(shared), look_(std::move(look)) {}

  void wait_until(double second) {
    const Time then = shared_.start + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(second));
    while (std::chrono::steady_clock::now() < then) {
      look();
      std::this_thread::sleep_until(std::min(then, next_));
    }
  }
  void wait_idle(ThreadPool& pool) {
    while (!pool.wait_idle_for(kLook)) look();
  }

 private:
  void look() {
    plan_.token.throw_if_cancelled();
    if (std::chrono::steady_clock::now() < next_) return;
    look_();
    next_ = std::chrono::steady_clock::now() + kLook;
  }

  const LoadPlan& plan_;
  Shared& shared_;
  const std::function<void()> look_;
  Time next_{};
};

// How many of the hostile files' jobs have failed. If another one has, it throws what that job has thrown.
std::size_t count_failed(const LoadPlan& plan, std::vector<Job<void>>& jobs) {
  std::size_t failed = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!plan.is_hostile(i)) {
      jobs[i].get();
    } else if (jobs[i].state() == pool::priority::JobState::failed) {
      ++failed;
    }
  }
  return failed;
}

}  // namespace

std::vector<Contender> contenders(const std::string& wanted) {
  std::vector<Contender> all{
      {"load-ratio", "above 0.8 two workers more, below 0.3 one fewer", LoadRatio{}},
      {"hill-climbing", "if somebody waits: what does a worker bring?", HillClimbing{}},
  };
  if (wanted != "both") std::erase_if(all, [&](const Contender& one) { return one.name != wanted; });
  return all;
}

PolicyRun run_policy(const LoadPlan& plan, const Contender& contender,
                     const std::function<void(const PolicyRun&)>& look,
                     const std::function<void(std::uint64_t)>& completed) {
  PolicyRun result;
  result.name = contender.name;
  result.rule = contender.rule;
  Shared shared(plan);
  Watch watch(contender.policy);
  std::vector<Job<void>> jobs;
  jobs.reserve(plan.files.size());
  // #region pool
  ThreadPool pool({.on_error = [](std::exception_ptr) {},  // who has died is an event, too
                   .min_workers = plan.min,
                   .max_workers = plan.max,
                   .policy = watch.policy(),
                   .interval = plan.interval,
                   .on_event = [&](const Event& event) { shared.note(event); }});
  // #endregion pool
  const auto see = [&] {
    result.moments = watch.so_far();
    result.seconds = seconds_since(shared.start);
    const std::lock_guard lock(shared.mutex);
    result.deaths.clear();
    for (const Time death : shared.deaths)
      result.deaths.push_back(std::chrono::duration<double>(death - shared.start).count());
  };
  // #region job
  const auto index = [&](std::size_t i) {
    shared.waits[i] = seconds_since(shared.start) - shared.submitted[i];
    const std::size_t worker = pool.current_worker().value();
    const FileText text = shared.source.read(plan.files[i]);
    if (plan.is_hostile(i)) handle_hostile();
    shared.files[i] = {shared.indexes[worker].add(plan.files[i], text), worker, shared.finished++};
    completed(text.text.size());
  };
  // #endregion job

  shared.start = std::chrono::steady_clock::now();
  watch.start();
  Feeder feeder(plan, shared, [&] {
    see();
    look(result);
  });
  try {
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
      feeder.wait_until(plan.due[i]);
      shared.submitted[i] = seconds_since(shared.start);
      jobs.push_back(pool.launch({}, [&index, i] { index(i); }));
    }
    feeder.wait_idle(pool);
    result.done = seconds_since(shared.start);
    if (!plan.files.empty()) feeder.wait_until(plan.seconds);  // how the pool becomes small again
  } catch (...) {
    pool.shutdown(Shutdown::discard);  // before what the jobs use is gone
    throw;
  }
  pool.shutdown();
  see();  // now all that have died are known
  const Events::Seen events = pool.events();
  result.started = events.count(Event::Kind::started);
  result.retired = events.count(Event::Kind::retired);
  result.died = events.count(Event::Kind::died);
  result.scaled = events.count(Event::Kind::scaled);
  result.failed = count_failed(plan, jobs);
  for (Index& index_of_worker : shared.indexes) result.run.index.merge(std::move(index_of_worker));
  for (std::size_t i = 0; i < plan.files.size(); ++i)
    if (!plan.is_hostile(i)) result.run.files.push_back(shared.files[i]);
  result.run.seconds = result.done;
  result.waits = std::move(shared.waits);
  std::sort(result.waits.begin(), result.waits.end());
  return result;
}

std::size_t PolicyRun::most_workers() const {
  std::size_t most = 0;
  for (const Moment& moment : moments) most = std::max(most, moment.load.workers);
  return most;
}

double PolicyRun::mean_workers() const {
  double sum = 0;
  for (const Moment& moment : moments) sum += static_cast<double>(moment.load.workers);
  return moments.empty() ? 0 : sum / static_cast<double>(moments.size());
}

double PolicyRun::wait(double share) const {
  if (waits.empty()) return 0;
  return waits[static_cast<std::size_t>(std::lround(share * static_cast<double>(waits.size() - 1)))];
}

// Hooks: what a pool tells, and that whoever hears it cannot harm it.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/metrics/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace pool::metrics {
namespace {

using std::chrono::seconds;
using ::testing::Contains;
using testing::Gate;
using ::testing::Not;

void until(const std::function<bool()>& happened) {
  while (!happened()) std::this_thread::yield();
}

class Heard {
 public:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  std::size_t count(const std::string& what) const {
    const std::vector<std::string> all = this->all();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), what));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

Hooks noting(Heard& heard) {
  const auto task = [&heard](const char* what) {
    return [&heard, what](const TaskInfo& info) {
      heard.note(what + info.id + " " + std::string(to_string(info.state)) + " " + info.result);
    };
  };
  return {.task_submitted = task("submitted "),
          .task_started = task("started "),
          .task_finished = task("finished "),
          .worker_started = [&heard](std::size_t worker) { heard.note("worker_started " + std::to_string(worker)); },
          .worker_stopped = [&heard](std::size_t worker) { heard.note("worker_stopped " + std::to_string(worker)); },
          .worker_parked = [&heard](std::size_t) { heard.note("parked"); },
          .scaled = [&heard](std::size_t workers) { heard.note("scaled " + std::to_string(workers)); }};
}

// S6.6
TEST(Hooks, HearOfTasksInTheirOrder) {
  Heard heard;
  {
    Gate go;
    ThreadPool pool({.workers = 1, .hooks = noting(heard)});
    pool.post([&] { go.wait(); });
    const auto job = pool.submit(TaskOptions{.id = "a"}, [] { return 7; });
    static_cast<void>(pool.submit(TaskOptions{.id = "b"}, [] {}));
    pool.cancel("b");
    go.open();
    job.wait();
  }
  const auto all = heard.all();
  const auto at = [&](const std::string& what) { return std::find(all.begin(), all.end(), what) - all.begin(); };
  EXPECT_LT(at("submitted a queued "), at("started a running "));
  EXPECT_LT(at("started a running "), at("finished a completed 7"));
  EXPECT_LT(at("submitted b queued "), at("finished b cancelled "));
  EXPECT_LT(at("finished b cancelled "), std::ssize(all));
  EXPECT_EQ(all.front(), "worker_started 0");
  EXPECT_EQ(all.back(), "worker_stopped 0");
  EXPECT_EQ(heard.count("finished a completed 7"), 1U);
}

// S6.6: each once, whoever is faster: the one who hands in, the one who runs it, or the one who cancels it.
TEST(Hooks, HearOfEachTaskOnce) {
  std::atomic<int> submitted = 0, started = 0, finished = 0;
  ThreadPool pool({.workers = 2,
                   .hooks = {.task_submitted = [&](const TaskInfo&) { ++submitted; },
                             .task_started = [&](const TaskInfo&) { ++started; },
                             .task_finished = [&](const TaskInfo&) { ++finished; }}});
  int cancelled = 0;
  for (int i = 0; i < 500; ++i) {
    const Job<void> job = pool.submit(TaskOptions{}, [] {});
    static_cast<void>(job.cancel());
    job.wait();
    if (job.state() == JobState::cancelled) ++cancelled;
  }
  pool.wait_idle();
  EXPECT_EQ(submitted, 500);
  EXPECT_EQ(started, 500 - cancelled);
  EXPECT_EQ(finished, 500);
}

// S6.6: what was refused was not submitted.
TEST(Hooks, DoNotHearOfWhatWasRefused) {
  Heard heard;
  ThreadPool pool({.workers = 1, .hooks = noting(heard)});
  pool.shutdown();
  EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = "a"}, [] {})), PoolStopped);
  EXPECT_THAT(heard.all(), Not(Contains("submitted a queued ")));
  EXPECT_EQ(heard.count("finished a cancelled "), 0U);
}

// S6.6
TEST(Hooks, HearOfWorkersThatComeAndGo) {
  Heard heard;
  std::atomic<int> events = 0;
  ThreadPool pool({.min_workers = 1,
                   .max_workers = 3,
                   .policy = [](const Load&) { return 0; },
                   .idle_timeout = Duration::zero(),
                   .on_event = [&](const Event&) { ++events; },
                   .hooks = noting(heard)});
  until([&] { return heard.count("parked") >= 1; });
  pool.scale_to(3);
  until([&] { return heard.count("worker_started 2") == 1 && heard.count("scaled 3") == 1; });
  pool.scale_to(1);
  until([&] { return heard.count("worker_stopped 2") == 1 && heard.count("scaled 1") == 1; });
  EXPECT_GE(events, 2) << "and whoever has given on_event hears of it, too";
}

// S6.6: the user's own callbacks, too.
TEST(Hooks, StandBesideTheOptionsOfTheStagesBelow) {
  struct Watcher : Observer {
    void begin(std::size_t, Priority, const priority::Unit*) noexcept override { ++begun; }
    void end(std::size_t) noexcept override { ++ended; }
    void park(std::size_t) noexcept override { ++parked; }
    void unpark(std::size_t) noexcept override { ++woken; }
    std::atomic<int> begun = 0, ended = 0, parked = 0, woken = 0;
  } watcher;
  std::atomic<int> started = 0, stopped = 0;
  {
    Heard heard;
    ThreadPool pool({.workers = 1,
                     .on_start = [&](std::size_t) { ++started; },
                     .on_stop = [&](std::size_t) { ++stopped; },
                     .observer = &watcher,
                     .hooks = noting(heard)});
    until([&] { return watcher.parked >= 1; });
    for (int i = 0; i < 3; ++i) pool.post([] {});
    pool.wait_idle();
    pool.shutdown();
  }
  EXPECT_EQ(watcher.begun, 3);
  EXPECT_EQ(watcher.ended, 3);
  EXPECT_GE(watcher.woken, 1);
  EXPECT_EQ(started, 1);
  EXPECT_EQ(stopped, 1);
}

// S6.6
TEST(Hooks, ThatThrowHarmNothing) {
  std::atomic<int> errors = 0, heard = 0;
  const auto throws = [&](const auto&) {
    ++heard;
    throw std::runtime_error("hook");
  };
  {
    ThreadPool pool({.workers = 2,
                     .on_error = [&](std::exception_ptr) { ++errors; },
                     .hooks = {.task_submitted = throws,
                               .task_started = throws,
                               .task_finished = throws,
                               .worker_started = throws,
                               .worker_stopped = throws,
                               .worker_parked = throws,
                               .scaled = throws}});
    for (int i = 0; i < 50; ++i) EXPECT_EQ(pool.submit(TaskOptions{}, [i] { return i; }).get(), i);
    pool.wait_idle();
    EXPECT_EQ(pool.totals().completed, 50U);
    EXPECT_EQ(pool.tasks().size(), 50U);
    EXPECT_EQ(pool.size(), 2U);
  }
  EXPECT_GE(heard, 150 + 4);
  EXPECT_EQ(errors, heard);
}

// S6.6: what on_start throws still says that the worker cannot work.
TEST(Hooks, DoNotHideWhatOnStartThrows) {
  EXPECT_THROW(ThreadPool({.workers = 1,
                           .on_start = [](std::size_t) { throw std::runtime_error("no"); },
                           .hooks = {.worker_started = [](std::size_t) {}}}),
               std::runtime_error);
}

// S6.6: when the pool has gone, nobody is told.
TEST(Hooks, AreSilentWhenThePoolHasGone) {
  std::atomic<int> finished = 0;
  auto made = [&] {
    ThreadPool pool({.workers = 1, .hooks = {.task_finished = [&](const TaskInfo&) { ++finished; }}});
    return pool.make_task<int>(TaskOptions{});
  }();
  ASSERT_TRUE(made.second.start());
  made.second.complete(3);
  EXPECT_EQ(finished, 0);
}

}  // namespace
}  // namespace pool::metrics

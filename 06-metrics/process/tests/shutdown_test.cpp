// How jobs are stopped, and the pool itself: S6.14.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <pool/testing/gate.hpp>

#include "process_main.hpp"

namespace pool::process {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using pool::testing::Gate;
using priority::Cancelled;
using priority::CancelSource;
using priority::JobState;
using priority::ManualClock;
using std::chrono::seconds;
using Clocks = std::chrono::steady_clock;

std::string why(const Job<json>& job) {
  try {
    static_cast<void>(job.get());
  } catch (const Cancelled& cancelled) {
    EXPECT_EQ(job.state(), JobState::cancelled);
    return cancelled.reason();
  }
  return "it was not cancelled";
}

// S6.14: the first step is the token: a job that looks at it ends by itself, and its worker stays.
TEST(Stopping, ATokenReachesTheJob) {
  const Folder folder;
  ManualClock clock;
  ProcessPool pool({.max_workers = 1, .clock = &clock});
  const auto pid = pool.submit("pid").get();
  auto job = pool.submit("until_cancelled", folder.file("a"));
  until([&] { return folder.has("a"); });
  EXPECT_TRUE(job.cancel("no longer wanted"));
  EXPECT_EQ(why(job), "no longer wanted");
  auto other = pool.submit("finish_when_cancelled", folder.file("b"));
  until([&] { return folder.has("b"); });
  other.cancel("enough");
  EXPECT_EQ(other.get(), "enough") << "a job may give a result all the same";
  EXPECT_EQ(pool.submit("pid").get(), pid);
  EXPECT_EQ(pool.stats().killed, 0U);
}

// S6.14: then SIGTERM, and the worker is replaced.
TEST(Stopping, ThenSigterm) {
  const Folder folder;
  ManualClock clock;
  ProcessPool pool({.max_workers = 1, .grace = seconds(3), .clock = &clock});
  auto job = pool.submit("hang", folder.file("a"));
  until([&] { return folder.has("a"); });
  job.cancel("too slow");
  clock.advance(seconds(2));
  EXPECT_EQ(job.state(), JobState::running);
  clock.advance(seconds(1));
  EXPECT_EQ(why(job), "too slow");
  EXPECT_EQ(pool.submit("echo", 1).get(), 1);
  EXPECT_EQ(pool.stats().killed, 1U);
  EXPECT_EQ(pool.stats().died, 0U) << "no back-off for what the pool did itself";
}

// S6.14: then SIGKILL.
TEST(Stopping, ThenSigkill) {
  const Folder folder;
  ManualClock clock;
  ProcessPool pool({.max_workers = 1, .grace = seconds(3), .clock = &clock});
  auto job = pool.submit("hang_for_good", folder.file("a"));
  until([&] { return folder.has("a"); });
  job.cancel();
  clock.advance(seconds(3));
  EXPECT_EQ(job.state(), JobState::running);
  while (!job.wait_for(std::chrono::milliseconds(1))) clock.advance(seconds(3));
  EXPECT_EQ(why(job), "asked");
}

// S6.14: a timeout does the same; without one, a job may run for ever.
TEST(Stopping, ATimeoutOnlyIfAskedFor) {
  const Folder folder;
  ManualClock clock;
  ProcessPool pool({.max_workers = 2, .grace = seconds(1), .clock = &clock});
  auto patient = pool.submit("until_file", {folder.file("a"), folder.file("go")});
  auto limited = pool.submit("hang", folder.file("b"), {.timeout = seconds(5)});
  until([&] { return folder.has("a") && folder.has("b"); });
  while (!limited.wait_for(std::chrono::milliseconds(1))) clock.advance(seconds(5));
  EXPECT_EQ(why(limited), "timeout");
  EXPECT_EQ(pool.stats().timeouts, 1U);
  clock.advance(std::chrono::hours(1000));
  EXPECT_EQ(patient.state(), JobState::running);
  touch(folder.file("go"));
  EXPECT_GT(patient.get(), 0);
}

// R3: a worker that got a signal is not used again, even if its job has an answer in the end.
TEST(Stopping, WhoGotASignalServesNoOtherJob) {
  const Folder folder;
  ManualClock clock;
  ProcessPool pool({.max_workers = 1, .grace = seconds(1), .clock = &clock});
  const auto pid = pool.submit("pid").get();
  auto job = pool.submit("on_sigterm_answer", folder.file("a"));
  until([&] { return folder.has("a"); });
  job.cancel();
  clock.advance(seconds(1));
  EXPECT_EQ(job.get(), "answered");
  EXPECT_NE(pool.submit("pid").get(), pid);
}

// R3: the signals that were meant for a job that has ended are not sent.
TEST(Stopping, LateSignalsHitNobody) {
  const Folder folder;
  ManualClock clock;
  ProcessPool pool({.max_workers = 1, .grace = seconds(1), .clock = &clock});
  auto first = pool.submit("until_cancelled", folder.file("a"));
  until([&] { return folder.has("a"); });
  first.cancel();
  EXPECT_EQ(why(first), "asked");
  auto second = pool.submit("until_file", {folder.file("b"), folder.file("go")});
  until([&] { return folder.has("b"); });
  for (int i = 0; i < 5; ++i) clock.advance(seconds(1));
  EXPECT_EQ(pool.stats().killed, 0U);
  touch(folder.file("go"));
  EXPECT_GT(second.get(), 0);
}

TEST(Stopping, AParentTokenStopsTheJob) {
  const Folder folder;
  const CancelSource source;
  ProcessPool pool({.max_workers = 1});
  auto job = pool.submit("until_cancelled", folder.file("a"), {.token = source.token()});
  auto queued = pool.submit("echo", 1, {.token = source.token()});
  until([&] { return folder.has("a"); });
  source.cancel("all of it");
  EXPECT_EQ(why(job), "all of it");
  EXPECT_EQ(why(queued), "all of it");
}

// What the job has started goes with its worker.
TEST(Stopping, GrandchildrenAreKilled) {
  const Folder folder;
  ProcessPool pool({.max_workers = 1});
  auto job = pool.submit("grandchild", folder.file("a"));
  pid_t grandchild = 0;
  until([&] { return std::ifstream(folder.file("a")) >> grandchild && grandchild > 0; });
  pool.shutdown();
  until([&] { return !is_alive(grandchild); });
  EXPECT_EQ(why(job), "shutdown");
}

// S6.14: running jobs are killed at once, queued ones cancelled; nothing is left.
TEST(Shutdown, NowKillsWhatRuns) {
  const Folder folder;
  const auto descriptors = descriptor_count();
  const auto threads = pool::testing::thread_count();
  Clocks::duration took{};
  {
    ProcessPool pool({.max_workers = 2});
    std::vector<Job<json>> jobs;
    for (int i = 0; i < 4; ++i) jobs.push_back(pool.submit("hang_for_good", folder.file(std::to_string(i))));
    until([&] { return folder.has("0") && folder.has("1"); });
    const auto start = Clocks::now();
    pool.shutdown();
    took = Clocks::now() - start;
    for (const auto& job : jobs) EXPECT_EQ(why(job), "shutdown");
    EXPECT_EQ(pool.size(), 0U);
    EXPECT_EQ(children(), std::vector<pid_t>());
    EXPECT_THROW(static_cast<void>(pool.submit("echo")), PoolStopped);
    pool.shutdown();
    pool.shutdown(Shutdown::drain);
    const Stats stats = pool.stats();
    EXPECT_EQ(stats.cancelled, 4U);
    EXPECT_EQ(stats.submitted, 4U);
  }
  EXPECT_EQ(descriptor_count(), descriptors);
  EXPECT_TRUE(pool::testing::thread_count_becomes(threads));
  RecordProperty("milliseconds", static_cast<int>(took / std::chrono::milliseconds(1)));
  EXPECT_LT(took, seconds(5)) << "100 ms on a machine that has nothing else to do";
}

TEST(Shutdown, DrainDoesWhatIsQueued) {
  const auto descriptors = descriptor_count();
  std::vector<Job<json>> jobs;
  {
    ProcessPool pool({.max_workers = 2});
    for (int i = 0; i < 20; ++i) jobs.push_back(pool.submit("echo", i));
    pool.shutdown(Shutdown::drain);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(jobs[static_cast<std::size_t>(i)].state(), JobState::completed);
    EXPECT_EQ(pool.stats().died, 0U);
  }
  jobs.clear();
  EXPECT_EQ(descriptor_count(), descriptors);
  EXPECT_EQ(children(), std::vector<pid_t>());
}

TEST(Shutdown, NowOvertakesDrain) {
  const Folder folder;
  ProcessPool pool({.max_workers = 1});
  auto job = pool.submit("hang_for_good", folder.file("a"));
  until([&] { return folder.has("a"); });
  std::thread drains([&] { pool.shutdown(Shutdown::drain); });
  until([&] { return pool.stopping().is_cancelled(); });
  pool.shutdown(Shutdown::now);
  drains.join();
  EXPECT_EQ(why(job), "shutdown");
}

// Handles outlive the pool, and nobody waits for ever.
TEST(Shutdown, TheDestructorIsOne) {
  const Folder folder;
  Job<json> running;
  Job<json> queued;
  {
    ProcessPool pool({.max_workers = 1});
    running = pool.submit("hang_for_good", folder.file("a"));
    queued = pool.submit("echo");
    until([&] { return folder.has("a"); });
  }
  EXPECT_EQ(why(running), "shutdown");
  EXPECT_EQ(why(queued), "shutdown");
  EXPECT_FALSE(running.cancel());
  { const ProcessPool unused({.max_workers = 1}); }
}

// While workers are on their way, too.
TEST(Shutdown, AtAnyMoment) {
  for (int i = 0; i < 20; ++i) {
    ProcessPool pool({.max_workers = 2});
    std::vector<Job<json>> jobs;
    for (int j = 0; j < i % 5; ++j) jobs.push_back(pool.submit("echo", j));
    pool.shutdown(i % 2 == 0 ? Shutdown::now : Shutdown::drain);
    for (const auto& job : jobs) EXPECT_TRUE(has_ended(job.state()));
  }
  EXPECT_EQ(children(), std::vector<pid_t>());
}

// S6.14: awaitable; and in its callback the pool may go.
TEST(Shutdown, CanBeAwaited) {
  const Folder folder;
  auto pool = std::make_unique<ProcessPool>(ProcessPool::Options{.max_workers = 1});
  auto job = pool->submit("hang_for_good", folder.file("a"));
  until([&] { return folder.has("a"); });
  Gate gone;
  pool->shutdown_async().on_end([&](const auto&) {
    pool.reset();
    gone.open();
  });
  gone.wait();
  EXPECT_EQ(why(job), "shutdown");
  EXPECT_EQ(children(), std::vector<pid_t>());
  ProcessPool other({.max_workers = 1});
  auto first = other.submit("echo", 1);
  other.shutdown_async(Shutdown::drain).get();
  EXPECT_EQ(first.state(), JobState::completed);
  other.shutdown_async().get();
}

// A callback that waits for the pool is told so.
TEST(Shutdown, NotInACallback) {
  ProcessPool pool({.max_workers = 1});
  std::atomic<int> refused = 0;
  Gate done;
  const Folder folder;
  auto job = pool.submit("until_file", {folder.file("a"), folder.file("go")});
  job.on_end([&](const auto&) {
    try {
      pool.shutdown();
    } catch (const PoolError&) {
      ++refused;
    }
    done.open();
  });
  touch(folder.file("go"));
  done.wait();
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(pool.submit("echo", 1).get(), 1);
}

}  // namespace
}  // namespace pool::process

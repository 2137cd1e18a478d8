// What a pool of processes does when nothing goes wrong: S6.13.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <pool/bounded/overflow.hpp>
#include <pool/testing/gate.hpp>

#include "process_main.hpp"

namespace pool::process {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using pool::testing::Gate;
using priority::JobState;
using priority::Priority;

// S6.13: the result comes back, with the handle and the states of a thread's job.
TEST(ProcessPool, RunsNamedJobs) {
  ProcessPool pool({.max_workers = 2});
  const Job<json> job = pool.submit("add", {{"a", 40}, {"b", 2}});
  EXPECT_EQ(job.get(), 42);
  EXPECT_EQ(job.state(), JobState::completed);
  EXPECT_EQ(job.name(), "add");
  const auto info = job.info();
  EXPECT_TRUE(info.worker && info.started && info.finished);
  EXPECT_NE(pool.submit("pid").get(), getpid());
}

// S6.13: persistent and reused.
TEST(ProcessPool, ReusesItsWorkers) {
  ProcessPool pool({.max_workers = 4});
  std::set<int> pids;
  for (int i = 0; i < 20; ++i) pids.insert(pool.submit("pid").get().get<int>());
  EXPECT_EQ(pids.size(), 1U) << "one after the other needs one";
  EXPECT_EQ(pool.stats().started, 1U);
}

// S6.13: no more workers than allowed, and as many as there is work for.
TEST(ProcessPool, StartsAsManyAsThereIsWorkFor) {
  const Folder folder;
  ProcessPool pool({.max_workers = 3});
  std::vector<Job<json>> jobs;
  for (int i = 0; i < 5; ++i) {
    jobs.push_back(pool.submit("until_file", {folder.file(std::to_string(i)), folder.file("go")}));
  }
  until([&] { return folder.has("0") && folder.has("1") && folder.has("2"); });
  EXPECT_EQ(pool.stats().running, 3U);
  EXPECT_EQ(pool.pending(), 2U);
  EXPECT_EQ(pool.size(), 3U);
  touch(folder.file("go"));
  std::set<int> pids;
  for (auto& job : jobs) pids.insert(job.get().get<int>());
  EXPECT_EQ(pids.size(), 3U);
}

// S6.13: state is given once to each worker.
TEST(ProcessPool, GivesStateToEveryWorker) {
  ProcessPool pool({.max_workers = 1, .state = {{"model", "large"}}});
  EXPECT_EQ(pool.submit("state").get(), json({{"model", "large"}}));
}

TEST(ProcessPool, TakesEveryValueAsItIs) {
  ProcessPool pool({.max_workers = 1});
  for (const json& value :
       {json(), json(true), json(-5), json(1e300), json(0.1), json("\u00e4\n\"\0x"), json::array({1, json::array()}),
        json::object({{"a", nullptr}}), json(18446744073709551615U)}) {
    EXPECT_EQ(pool.submit("echo", value).get(), value);
  }
}

// Larger than a socket's buffer, in both directions: partial writes and reads.
TEST(ProcessPool, SendsLargeMessagesInParts) {
  ProcessPool pool({.max_workers = 2});
  const json large = std::string(1'000'000, 'y');
  auto first = pool.submit("echo", large);
  auto second = pool.submit("echo", large);
  EXPECT_EQ(first.get(), large);
  EXPECT_EQ(second.get(), large);
}

TEST(ProcessPool, TheMostUrgentIsNext) {
  const Folder folder;
  ProcessPool pool({.max_workers = 1});
  auto first = pool.submit("until_file", {folder.file("0"), folder.file("go")});
  until([&] { return folder.has("0"); });
  std::vector<std::string> order;
  std::vector<Job<json>> jobs;
  for (const Priority priority : {Priority::low, Priority::normal, Priority::critical}) {
    jobs.push_back(pool.submit("echo", nullptr, {.priority = priority}));
    jobs.back().on_end([&, priority](const auto&) { order.emplace_back(to_string(priority)); });
  }
  touch(folder.file("go"));
  for (auto& job : jobs) job.wait();
  pool.shutdown(Shutdown::drain);
  EXPECT_EQ(order, (std::vector<std::string>{"critical", "normal", "low"}));
}

// S6.13: typed errors, the same as in threads.
TEST(ProcessPool, ErrorsHaveTypes) {
  ProcessPool pool({.max_workers = 1, .max_message = 10'000});
  EXPECT_THROW(static_cast<void>(pool.submit("nobody")), UnknownJob);
  EXPECT_THROW(pool.submit("add", {{"a", 1}}).get(), BadArgument);
  EXPECT_THROW(pool.submit("add", {{"a", 1}, {"b", "x"}}).get(), BadArgument);
  EXPECT_THROW(static_cast<void>(pool.submit("echo", std::string(10'000, 'x'))), BadArgument);
  EXPECT_THROW(static_cast<void>(pool.submit("echo", std::string("\xff"))), NotSerialisable);
  EXPECT_THROW(pool.submit("bytes", 10'000).get(), ResultTooLarge);
  EXPECT_THROW(pool.submit("not_utf8").get(), NotSerialisable);
  EXPECT_THROW(pool.submit("not_finite").get(), NotSerialisable);
  EXPECT_EQ(pool.submit("bytes", 9'995).get().get<std::string>().size(), 9'995U);
  EXPECT_EQ(pool.stats().started, 1U) << "none of these costs a worker";
}

TEST(ProcessPool, AJobsExceptionComesWithItsTypeAndText) {
  ProcessPool pool({.max_workers = 1});
  const auto job = pool.submit("throw", "what I say");
  try {
    static_cast<void>(job.get());
    FAIL();
  } catch (const JobFailed& failed) {
    EXPECT_EQ(failed.type(), "std::out_of_range");
    EXPECT_STREQ(failed.what(), "what I say");
  }
  EXPECT_EQ(job.state(), JobState::failed);
  EXPECT_THROW(pool.submit("throw_int").get(), JobFailed);
}

// A job that was cancelled while it was queued is not run.
TEST(ProcessPool, ACancelledJobIsNeverSent) {
  const Folder folder;
  ProcessPool pool({.max_workers = 1});
  auto first = pool.submit("until_file", {folder.file("0"), folder.file("go")});
  until([&] { return folder.has("0"); });
  auto second = pool.submit("until_file", {folder.file("1"), folder.file("go")});
  EXPECT_TRUE(second.cancel());
  EXPECT_EQ(second.state(), JobState::cancelled);
  EXPECT_EQ(pool.pending(), 0U);
  touch(folder.file("go"));
  first.wait();
  pool.shutdown(Shutdown::drain);
  EXPECT_FALSE(folder.has("1"));
  const Stats stats = pool.stats();
  EXPECT_EQ(stats.submitted, stats.completed + stats.failed + stats.cancelled);
  EXPECT_EQ(stats.cancelled, 1U);
}

TEST(ProcessPool, AQueueMayBeFull) {
  const Folder folder;
  ProcessPool pool({.max_workers = 1, .capacity = 1});
  auto first = pool.submit("until_file", {folder.file("0"), folder.file("go")});
  until([&] { return folder.has("0"); });
  auto second = pool.submit("echo");
  EXPECT_THROW(static_cast<void>(pool.submit("echo")), bounded::QueueFull);
  touch(folder.file("go"));
  second.wait();
}

// S6.13: recycling, when it is asked for.
TEST(ProcessPool, ReplacesWorkersAfterSomeJobsOrMemory) {
  ProcessPool after_two({.max_workers = 1, .recycle_after_jobs = 2});
  std::vector<int> pids;
  for (int i = 0; i < 6; ++i) pids.push_back(after_two.submit("pid").get().get<int>());
  EXPECT_EQ(std::set<int>(pids.begin(), pids.end()).size(), 3U);
  EXPECT_EQ(pids[0], pids[1]);
  EXPECT_EQ(after_two.stats().died, 0U);
  ProcessPool thrifty({.max_workers = 1, .recycle_after_bytes = 1});
  EXPECT_NE(thrifty.submit("pid").get(), thrifty.submit("pid").get());
}

// Of this program's open files a worker has stdin, stdout, stderr and its two sockets.
TEST(ProcessPool, WorkersInheritNothing) {
  const int left_open = fcntl(STDOUT_FILENO, F_DUPFD, 30);  // not close-on-exec; 3 and 4 are the sockets over there
  ASSERT_GE(left_open, 30);
  {
    ProcessPool pool({.max_workers = 1});
    EXPECT_EQ(pool.submit("descriptors").get(), 6U) << "and the one with which it looks";
    EXPECT_EQ(pool.submit("signals").get(), json::array());
  }
  close(left_open);
}

// And of the pool's a program that is started by others has none.
TEST(ProcessPool, EverythingIsCloseOnExec) {
  const auto open = [] {
    std::set<int> numbers;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      numbers.insert(std::stoi(entry.path().filename()));
    }
    return numbers;
  };
  const std::set<int> before = open();
  ProcessPool pool({.max_workers = 1});
  pool.submit("echo").wait();
  int ours = 0;
  for (const int number : open()) {
    const int flags = before.contains(number) ? -1 : fcntl(number, F_GETFD);
    if (flags < 0) continue;  // it was there, or is the one with which we looked
    ++ours;
    EXPECT_NE(flags & FD_CLOEXEC, 0) << std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(number));
  }
  EXPECT_GE(ours, 4) << "an epoll, an eventfd, and two sockets";
}

TEST(ProcessPool, AJobMayHaveAPoolOfItsOwn) {
  ProcessPool pool({.max_workers = 1});
  EXPECT_EQ(pool.submit("nested", "deep").get(), "deep");
}

TEST(ProcessPool, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_THROW(ProcessPool({.max_workers = 1, .min_workers = 2}), std::invalid_argument);
  EXPECT_THROW(ProcessPool({.max_workers = 1001}), std::invalid_argument);
  EXPECT_THROW(ProcessPool({.grace = std::chrono::seconds(-1)}), std::invalid_argument);
  EXPECT_THROW(ProcessPool({.start_attempts = 0}), std::invalid_argument);
  EXPECT_THROW(ProcessPool({.max_message = 0}), std::invalid_argument);
}

TEST(ProcessPool, SomeWorkersMayBeThereFromTheStart) {
  ProcessPool pool({.max_workers = 3, .min_workers = 2});
  until([&] {
    const auto stats = pool.stats();
    return stats.workers.size() == 2 && stats.workers[0].state == "idle" && stats.workers[1].state == "idle";
  });
  EXPECT_EQ(pool.stats().started, 2U);
}

// Callbacks may submit; many threads may, too.
TEST(ProcessPool, ManyThreadsSubmit) {
  ProcessPool pool({.max_workers = 2});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) right += pool.submit("add", {{"a", t}, {"b", i}}).get() == t + i ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 400);
  Gate chained;
  pool.submit("echo").on_end([&](const auto&) { pool.submit("echo").on_end([&](const auto&) { chained.open(); }); });
  chained.wait();
}

}  // namespace
}  // namespace pool::process

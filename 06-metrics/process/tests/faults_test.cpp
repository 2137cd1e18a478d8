// Workers that die in every way there is: S6.15, and the rows of the fault matrix that are about processes.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <pool/testing/gate.hpp>

#include "process_main.hpp"

namespace pool::process {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using priority::JobState;
using priority::ManualClock;
using std::chrono::seconds;
using Cause = Death::Cause;

// What the job says of the death of its worker.
Death death_of(const Job<json>& job) {
  try {
    static_cast<void>(job.get());
  } catch (const WorkerDied& died) {
    EXPECT_EQ(job.state(), JobState::failed);
    EXPECT_GT(died.pid(), 0);
    return died.death();
  }
  ADD_FAILURE() << "it did not die";
  return {};
}

struct Case {
  const char* name;
  const char* job;
  json argument;
  Death death;
};

class Deaths : public ::testing::TestWithParam<Case> {};

// S6.15 R18: one job fails, typed, and the next one is done by another worker.
TEST_P(Deaths, CostOneJob) {
  ProcessPool pool({.max_workers = 1});
  const auto before = pool.submit("pid").get();
  const auto job = pool.submit(GetParam().job, GetParam().argument);
  EXPECT_EQ(death_of(job), GetParam().death);
  EXPECT_NE(pool.submit("pid").get(), before);
  const Stats stats = pool.stats();
  EXPECT_EQ(stats.died, 1U);
  EXPECT_EQ(stats.failed, 1U);
  EXPECT_EQ(stats.completed, 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Every, Deaths,
    ::testing::Values(Case{"Segfault", "signal", SIGSEGV, {Cause::signal, SIGSEGV}},
                      Case{"Abort", "signal", SIGABRT, {Cause::signal, SIGABRT}},
                      Case{"Kill", "signal", SIGKILL, {Cause::signal, SIGKILL}},
                      Case{"Terminate", "signal", SIGTERM, {Cause::signal, SIGTERM}},
                      Case{"Exit", "exit", 3, {Cause::exited, 3}}, Case{"ExitWell", "exit", 0, {Cause::exited, 0}},
                      Case{"StandardExit", "std_exit", 4, {Cause::exited, 4}},
                      Case{"ThreadEnded", "end_thread", nullptr, {Cause::exited, kExitThread}},
                      Case{"ClosedSocket", "close", nullptr, {Cause::closed, 0}},
                      Case{"Garbage", "garbage", nullptr, {Cause::garbage, 0}},
                      Case{"AnswerForAnother", "send", {{"kind", 5}, {"job", 999}}, {Cause::garbage, 0}},
                      Case{"MessageForAWorker", "send", {{"kind", 3}, {"job", 1}}, {Cause::garbage, 0}}),
    [](const auto& tested) { return tested.param.name; });

TEST(Faults, TheErrorNamesTheSignal) {
  ProcessPool pool({.max_workers = 1});
  const auto job = pool.submit("signal", SIGSEGV);
  try {
    static_cast<void>(job.get());
    FAIL();
  } catch (const WorkerDied& died) {
    EXPECT_THAT(died.what(), ::testing::HasSubstr("died of SIGSEGV (Segmentation fault) while it ran 'signal'"));
  }
}

// A job that takes all memory: it fails, and the worker goes on if it can.
TEST(Faults, OutOfMemory) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer takes more address space than any limit leaves";
  ProcessPool pool({.max_workers = 1, .memory_limit = std::size_t{1} << 30U});
  EXPECT_THROW(pool.submit("take_memory", std::uint64_t{1} << 32U).get(), OutOfMemory);
  EXPECT_EQ(pool.submit("take_memory", 1000).get(), 1000);
  EXPECT_EQ(pool.stats().started, 1U);
}

// A stopped process does not answer, and SIGTERM does not reach it. SIGKILL does.
TEST(Faults, AStoppedWorkerIsKilledWhenItsJobIsCancelled) {
  ManualClock clock;
  ProcessPool pool({.max_workers = 1, .grace = seconds(1), .clock = &clock});
  const auto job = pool.submit("stop", nullptr, {.timeout = seconds(5)});
  until([&] { return pool.stats().running == 1; });
  clock.advance(seconds(5));
  until([&] { return pool.stats().timeouts == 1; });
  while (!job.wait_for(std::chrono::milliseconds(1))) clock.advance(seconds(1));
  EXPECT_EQ(job.state(), JobState::cancelled);
  EXPECT_EQ(job.info().reason, "timeout");
  EXPECT_EQ(pool.submit("echo", 1).get(), 1);
}

// A worker that is killed while it has nothing to do costs nothing.
TEST(Faults, AnIdleWorkerIsReplaced) {
  ProcessPool pool({.max_workers = 1});
  const pid_t pid = pool.submit("pid").get().get<int>();
  kill(pid, SIGKILL);
  until([&] { return pool.size() == 0; });
  EXPECT_EQ(pool.submit("echo", 1).get(), 1);
  EXPECT_EQ(pool.stats().died, 1U);
}

// Stops a worker that has nothing to do: what it is sent from now on, it does not read.
void stop(pid_t pid) {
  kill(pid, SIGSTOP);
  until([&] { return state_of(pid) == 'T'; });
}

// Workers that have all done a job, and are idle and stopped.
std::vector<pid_t> stopped_workers(ProcessPool& pool, std::size_t count) {
  const Folder folder;
  std::vector<Job<json>> jobs;
  for (std::size_t i = 0; i < count; ++i) {
    jobs.push_back(pool.submit("until_file", {folder.file(std::to_string(i)), folder.file("go")}));
  }
  for (std::size_t i = 0; i < count; ++i) until([&] { return folder.has(std::to_string(i)); });
  touch(folder.file("go"));
  std::vector<pid_t> pids;
  for (const auto& job : jobs) pids.push_back(job.get().get<int>());
  for (const pid_t pid : pids) stop(pid);
  return pids;
}

// The worker that has this job.
pid_t worker_of(const ProcessPool& pool, const Job<json>& job) {
  for (const WorkerInfo& worker : pool.stats().workers) {
    if (worker.job == job.id()) return worker.pid;
  }
  return 0;
}

// A job that was sent to a worker which is killed before it reads it has not begun: another one does it.
TEST(Faults, AJobThatWasNotReadIsDoneByAnotherWorker) {
  for (const std::size_t size : {std::size_t{10}, std::size_t{3'000'000}}) {  // which the socket does not take at once
    ProcessPool pool({.max_workers = 1});
    const pid_t pid = stopped_workers(pool, 1)[0];
    const json text = std::string(size, 'x');
    const auto job = pool.submit("echo", text);
    until([&] { return worker_of(pool, job) == pid; });
    kill(pid, SIGKILL);
    EXPECT_EQ(job.get(), text);
    const Stats stats = pool.stats();
    EXPECT_EQ(stats.died, 1U);
    EXPECT_EQ(stats.failed, 0U);
    EXPECT_EQ(stats.submitted, stats.completed);
  }
}

// But not for ever.
TEST(Faults, AJobWhoseWorkersAreAllKilledFails) {
  ProcessPool pool({.max_workers = 3});
  stopped_workers(pool, 3);
  const auto job = pool.submit("pid");
  for (int i = 0; i < 3; ++i) {
    pid_t pid = 0;
    until([&] { return (pid = worker_of(pool, job)) != 0; });
    kill(pid, SIGKILL);
    until([&] { return worker_of(pool, job) != pid; });
  }
  EXPECT_EQ(death_of(job), (Death{Cause::signal, SIGKILL}));
}

// One that waits for another worker can be cancelled, and is when the pool is shut down.
TEST(Faults, AJobThatWasNotReadCanBeCancelled) {
  for (const bool shut_down : {true, false}) {
    const Folder folder;
    ManualClock clock;
    ProcessPool pool({.max_workers = 2, .clock = &clock});
    stopped_workers(pool, 2);
    const auto first = pool.submit("until_file", {folder.file("0"), folder.file("go")});
    const auto second = pool.submit("echo");
    for (const auto* job : {&first, &second}) {  // the first one's next worker comes at once, the second one's later
      pid_t pid = 0;
      until([&] { return (pid = worker_of(pool, *job)) != 0; });
      kill(pid, SIGKILL);
      if (job == &first) until([&] { return folder.has("0"); });
    }
    until([&] { return pool.pending() == 1; });
    EXPECT_EQ(second.state(), JobState::running);
    if (shut_down) {
      pool.shutdown();
    } else {
      EXPECT_TRUE(second.cancel());
      second.wait();
      EXPECT_EQ(pool.pending(), 0U);
      touch(folder.file("go"));
      first.wait();
    }
    EXPECT_EQ(second.state(), JobState::cancelled);
    EXPECT_EQ(second.info().reason, shut_down ? "shutdown" : "asked");
    const Stats stats = pool.stats();
    EXPECT_EQ(stats.submitted, stats.completed + stats.failed + stats.cancelled);
  }
}

// Who else runs is not touched.
TEST(Faults, OtherWorkersGoOn) {
  const Folder folder;
  ProcessPool pool({.max_workers = 2});
  auto other = pool.submit("until_file", {folder.file("0"), folder.file("go")});
  until([&] { return folder.has("0"); });
  for (int i = 0; i < 3; ++i) death_of(pool.submit("signal", SIGABRT));
  touch(folder.file("go"));
  EXPECT_GT(other.get(), 0);
}

// A manual clock that tells until when somebody sleeps on it.
class WatchedClock : public ManualClock {
 public:
  std::unique_ptr<priority::Alarm> alarm() override { return std::make_unique<Watched>(*this, ManualClock::alarm()); }
  [[nodiscard]] bool is_slept_until(priority::Time time) const {
    const std::lock_guard lock(mutex_);
    return times_.contains(time);
  }

 private:
  struct Watched : priority::Alarm {
    Watched(WatchedClock& clock, std::unique_ptr<Alarm> real) : of(clock), alarm(std::move(real)) {}
    void wait_until(priority::Time time) override {
      {
        const std::lock_guard lock(of.mutex_);
        of.times_.insert(time);
      }
      alarm->wait_until(time);
    }
    void call() override { alarm->call(); }
    WatchedClock& of;
    const std::unique_ptr<Alarm> alarm;
  };

  mutable std::mutex mutex_;
  std::set<priority::Time> times_;  // guarded by mutex_
};

// S6.15: with back-off: the second death in succession makes the third worker wait.
TEST(Faults, ReplacementsBackOff) {
  WatchedClock clock;
  ProcessPool pool({.max_workers = 1, .first_pause = seconds(10), .longest_pause = seconds(15), .clock = &clock});
  // Nothing happens of itself but one of these: the job is done, or the pool waits so long before it starts a worker.
  const auto is_done_before = [&](const Job<json>& job, priority::Duration pause) {
    const priority::Time time = clock.now() + pause;
    until([&] { return has_ended(job.state()) || clock.is_slept_until(time); });
    return has_ended(job.state());
  };
  death_of(pool.submit("exit", 1));
  death_of(pool.submit("exit", 1));  // at once
  auto third = pool.submit("exit", 1);
  EXPECT_FALSE(is_done_before(third, seconds(10)));
  clock.advance(seconds(9));
  EXPECT_EQ(pool.stats().started, 2U);
  clock.advance(seconds(1));
  death_of(third);
  auto fourth = pool.submit("echo", 4);
  EXPECT_FALSE(is_done_before(fourth, seconds(15)));
  clock.advance(seconds(14));
  EXPECT_EQ(pool.stats().started, 3U);
  clock.advance(seconds(1));
  EXPECT_EQ(fourth.get(), 4);  // a success, and the series is over
  death_of(pool.submit("exit", 1));
  EXPECT_EQ(pool.submit("echo", 5).get(), 5);
}

// A program that is no worker: what is queued does not wait for ever.
TEST(Faults, JobsFailWhenNoWorkerCanBeStarted) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  for (const auto& [executable, arguments, says] :
       {std::tuple(std::string("/nonexistent/program"), std::string("--worker"), "No such file"),
        std::tuple(self, std::string("--no-worker"), "exit status 9"),
        std::tuple(std::string("/bin/true"), std::string(), "exit status 0")}) {
    ProcessPool pool({.max_workers = 2,
                      .executable = executable,
                      .arguments = {arguments},
                      .start_attempts = 3,
                      .first_pause = Duration::zero()});
    auto first = pool.submit("echo");
    auto second = pool.submit("echo");
    try {
      static_cast<void>(first.get());
      FAIL();
    } catch (const WorkerNotStarted& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(says));
    }
    EXPECT_THROW(second.get(), WorkerNotStarted);
    EXPECT_EQ(pool.stats().failed, 2U);
  }
}

TEST(Faults, AWorkerThatIsNotReadyInTimeIsKilled) {
  ManualClock clock;
  ProcessPool pool({.max_workers = 1,
                    .executable = "/bin/sleep",
                    .arguments = {"1000"},
                    .start_timeout = seconds(7),
                    .start_attempts = 1,
                    .clock = &clock});
  auto job = pool.submit("echo");
  until([&] { return pool.size() == 1 && pool.stats().workers[0].pid > 0; });
  while (!job.wait_for(std::chrono::milliseconds(1))) clock.advance(seconds(7));
  EXPECT_THROW(job.get(), WorkerNotStarted);
}

// Without a pidfd, and with SIGCHLD ignored, so that nobody can say how it died.
TEST(Faults, DeathsAreFoundOutWithoutHelpOfTheKernel) {
  for (const bool pidfd : {true, false}) {
    {
      ProcessPool pool({.max_workers = 1, .pidfd = pidfd});
      EXPECT_EQ(death_of(pool.submit("exit", 3)), (Death{Cause::exited, 3}));
      EXPECT_EQ(pool.submit("echo", 1).get(), 1);
      EXPECT_EQ(death_of(pool.submit("close")).cause, Cause::closed);
    }
    std::signal(SIGCHLD, SIG_IGN);
    {
      ProcessPool pool({.max_workers = 1, .pidfd = pidfd});
      EXPECT_EQ(death_of(pool.submit("exit", 3)).cause, Cause::unknown);
      EXPECT_EQ(pool.submit("echo", 1).get(), 1);
    }
    std::signal(SIGCHLD, SIG_DFL);
    EXPECT_EQ(children(), std::vector<pid_t>());
  }
}

// The parent dies: no orphan, not even one that is in the middle of a job and ignores SIGTERM.
TEST(Faults, WorkersEndWithTheirParent) {
  const Folder folder;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string running = folder.file("running");
  const pid_t parent = fork();
  if (parent == 0) {
    execl(self.c_str(), self.c_str(), "--parent", running.c_str(), nullptr);
    _exit(1);
  }
  ASSERT_GT(parent, 0);
  pid_t worker = 0;
  until([&] { return std::ifstream(running) >> worker && worker > 0; });
  EXPECT_TRUE(is_alive(worker));
  kill(parent, SIGKILL);
  int status = 0;
  waitpid(parent, &status, 0);
  until([&] { return !is_alive(worker); });
}

// A storm of signals: nothing is lost by EINTR.
TEST(Faults, AStormOfSignals) {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  struct sigaction before {};
  sigaction(SIGUSR1, &action, &before);
  std::atomic<bool> over = false;
  std::thread storm([&, target = pthread_self()] {
    while (!over) {
      pthread_kill(target, SIGUSR1);
      std::this_thread::yield();
    }
  });
  {
    ProcessPool pool({.max_workers = 2});
    const pid_t worker = pool.submit("pid").get().get<int>();
    const json text = std::string(300'000, 'z');
    for (int i = 0; i < 20; ++i) {
      kill(worker, SIGCONT);  // interrupts calls, and does nothing
      EXPECT_EQ(pool.submit("echo", text).get(), text);
    }
  }
  over = true;
  storm.join();
  sigaction(SIGUSR1, &before, nullptr);
}

// S6.15 R18: descriptors, zombies and memory are flat, whatever has crashed. POOL_CRASHES=10000 says how often, and has
// the numbers printed.
TEST(Faults, HundredsOfCrashesLeaveNothing) {
  const auto resident = [] {
    std::ifstream file("/proc/self/statm");
    std::size_t size = 0;
    std::size_t pages = 0;
    file >> size >> pages;
    return pages * 4096;
  };
  ProcessPool pool({.max_workers = 2, .first_pause = Duration::zero()});
  std::size_t descriptors = 0;
  std::size_t memory = 0;
  const char* const asked = std::getenv("POOL_CRASHES");
  const int cycles = asked != nullptr ? std::max(100, std::atoi(asked))
                     : kSanitized     ? 100  // where a start takes ten times as long
                                      : 300;
  for (int i = 0; i < cycles; ++i) {
    const auto job = i % 3 == 0 ? pool.submit("signal", SIGKILL) : pool.submit("exit", i % 100);
    EXPECT_NE(death_of(job).cause, Cause::unknown);
    if (i != 50) continue;
    until([&] { return pool.size() == 0; });
    descriptors = descriptor_count();
    memory = resident();
  }
  until([&] { return pool.size() == 0; });
  EXPECT_EQ(descriptor_count(), descriptors);
  EXPECT_EQ(children(), std::vector<pid_t>());
  EXPECT_LT(resident(), memory + (std::size_t{16} << 20U));
  EXPECT_EQ(pool.stats().died, static_cast<std::size_t>(cycles));
  if (asked != nullptr) {
    std::printf("descriptors %zu, then %zu; children at the end: %zu; resident %zu KiB, then %zu KiB\n", descriptors,
                descriptor_count(), children().size(), memory / 1024, resident() / 1024);
  }
  EXPECT_EQ(pool.submit("echo", 1).get(), 1);
}

}  // namespace
}  // namespace pool::process

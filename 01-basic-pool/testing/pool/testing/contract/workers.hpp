// Contract, part two: the crew. How many, how they are called, which signals they take, what they cost.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>

#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

inline std::string this_threads_name() {
  char name[64] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

template <class Pool>
class PoolWorkers : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolWorkers);

// S1.2
TYPED_TEST_P(PoolWorkers, AsManyJobsRunAtOnceAsThereAreWorkers) {
  TypeParam pool({.workers = 5});
  EXPECT_EQ(pool.size(), 5U);
  std::latch everybody(5);
  std::vector<std::future<std::thread::id>> jobs;
  for (int i = 0; i < 5; ++i) {
    jobs.push_back(pool.submit([&] {
      everybody.arrive_and_wait();  // returns only when five jobs are here at once
      return std::this_thread::get_id();
    }));
  }
  std::set<std::thread::id> threads;
  for (auto& job : jobs) threads.insert(job.get());
  EXPECT_EQ(threads.size(), 5U);
}

// S1.2
TYPED_TEST_P(PoolWorkers, ZeroMeansOneForEachHardwareThread) {
  const unsigned hardware = std::thread::hardware_concurrency();
  std::size_t expected = hardware == 0 ? 4U : hardware;
  if constexpr (requires { TypeParam::default_workers(); }) expected = TypeParam::default_workers();  // S5.5
  TypeParam pool;
  EXPECT_EQ(pool.size(), expected);
  TypeParam same({.workers = 0});
  EXPECT_EQ(same.size(), pool.size());
}

// S1.2
TYPED_TEST_P(PoolWorkers, AnImpossibleNumberOfWorkersIsRefused) {
  EXPECT_THROW(TypeParam({.workers = 1001}), std::invalid_argument);
  EXPECT_THROW(TypeParam({.workers = static_cast<std::size_t>(-1)}), std::invalid_argument);
}

// S1.2
TYPED_TEST_P(PoolWorkers, TheCrewIsStartedAndNamedWhenTheConstructorReturns) {
#if !defined(__linux__)
  GTEST_SKIP() << "thread names of others are read from /proc";
#endif
  TypeParam pool({.workers = 3});
  TypeParam named({.workers = 11, .name = "a-very-long-prefix"});
  const auto names = thread_names();
  for (const char* wanted :
       {"PoolWorker-0", "PoolWorker-1", "PoolWorker-2", "a-very-long-p-0", "a-very-long-p-9", "a-very-long--10"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), wanted), 1) << wanted;
  }
}

// S1.2
TYPED_TEST_P(PoolWorkers, AJobSeesItsThreadsName) {
  TypeParam pool({.workers = 1, .name = "indexer"});
  EXPECT_EQ(pool.submit(this_threads_name).get(), "indexer-0");
}

// S1.2
TYPED_TEST_P(PoolWorkers, WorkersBlockAsynchronousSignalsAndOnlyThey) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  TypeParam pool({.workers = 1});
  const auto blocked = pool.submit([] {
                             sigset_t mask;
                             pthread_sigmask(SIG_SETMASK, nullptr, &mask);
                             std::vector<int> signals;
                             for (int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD,
                                           SIGPIPE, SIGPROF, SIGSEGV}) {
                               if (sigismember(&mask, s) == 1) signals.push_back(s);
                             }
                             return signals;
                           })
                           .get();
  EXPECT_EQ(blocked,
            (std::vector<int>{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGPIPE, SIGPROF}));
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int s = 1; s < SIGRTMIN; ++s) EXPECT_EQ(sigismember(&before, s), sigismember(&after, s)) << "signal " << s;
}

// S1.2
TYPED_TEST_P(PoolWorkers, CallbacksRunOnEachWorkerBeforeAndAfterItsJobs) {
  std::mutex mutex;
  std::multiset<std::string> calls;
  const auto note = [&](const char* what, std::size_t worker) {
    std::lock_guard lock(mutex);
    calls.insert(what + std::to_string(worker) + " on " + this_threads_name());
  };
  {
    TypeParam pool({.workers = 2,
                    .name = "w",
                    .on_start = [&](std::size_t worker) { note("start ", worker); },
                    .on_stop = [&](std::size_t worker) { note("stop ", worker); }});
    std::lock_guard lock(mutex);
    EXPECT_EQ(calls, (std::multiset<std::string>{"start 0 on w-0", "start 1 on w-1"}));
  }
  EXPECT_EQ(calls, (std::multiset<std::string>{"start 0 on w-0", "start 1 on w-1", "stop 0 on w-0", "stop 1 on w-1"}));
}

// S1.2 R9
TYPED_TEST_P(PoolWorkers, AThrowingStartCallbackFailsTheConstructorAndLeavesNoThread) {
  const std::size_t threads = thread_count();
  try {
    TypeParam pool({.workers = 4, .on_start = [](std::size_t worker) {
                      if (worker == 2) throw std::runtime_error("no licence for worker 2");
                    }});
    FAIL() << "the constructor returned";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no licence for worker 2");
  }
  EXPECT_TRUE(thread_count_becomes(threads)) << thread_count() << " threads, " << threads << " before";
}

// R4
TYPED_TEST_P(PoolWorkers, AnIdlePoolUsesNextToNoCpu) {
  TypeParam pool({.workers = 4, .name = "idle"});
  for (int i = 0; i < 100; ++i) pool.submit([] {}).get();
  const auto before = cpu_time_of_threads("idle-");
  Gate never;  // two seconds in which nothing happens
  EXPECT_FALSE(never.wait_for(std::chrono::seconds(2)));
  const auto used = std::chrono::duration<double, std::milli>(cpu_time_of_threads("idle-") - before);
  EXPECT_LT(used.count(), 2.0) << "milliseconds of CPU time in two idle seconds";
}

REGISTER_TYPED_TEST_SUITE_P(PoolWorkers, AsManyJobsRunAtOnceAsThereAreWorkers, ZeroMeansOneForEachHardwareThread,
                            AnImpossibleNumberOfWorkersIsRefused, TheCrewIsStartedAndNamedWhenTheConstructorReturns,
                            AJobSeesItsThreadsName, WorkersBlockAsynchronousSignalsAndOnlyThey,
                            CallbacksRunOnEachWorkerBeforeAndAfterItsJobs,
                            AThrowingStartCallbackFailsTheConstructorAndLeavesNoThread, AnIdlePoolUsesNextToNoCpu);

}  // namespace pool::testing

// What becomes of a pool whose jobs end their threads: by pthread_exit, and by cancellation.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <pthread.h>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/stealing/invoke.hpp>
#include <pool/stealing/parallel_for.hpp>
#include <pool/stealing/task_group.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

#include "watched.hpp"

#ifdef __SANITIZE_ADDRESS__
extern "C" void __asan_handle_no_return();  // NOLINT: the compiler calls it where a function never returns
#endif

namespace pool::autoscale {
namespace {

using priority::JobState;
using stealing::TaskGroup;
using testing::by_hand;
using testing::Gate;
using testing::quiet;
using testing::thread_count;
using testing::thread_count_becomes;
using testing::until;
using testing::until_counted;
using Kind = Event::Kind;

enum class By { exit, cancel };

class Recovery : public ::testing::TestWithParam<By> {
 protected:
  // In a job: its thread ends here.
  static void end_thread() {
    if (GetParam() == By::exit) pthread_exit(nullptr);
    pthread_cancel(pthread_self());
#ifdef __SANITIZE_ADDRESS__
    __asan_handle_no_return();  // or it takes what was in the frames that go now for something that is still there
#endif
    pthread_testcancel();
  }
  // So many have died, and as many have come for them.
  static void until_replaced(ThreadPool& pool, std::size_t many, std::size_t workers) {
    until_counted(pool, Kind::died, many);
    until_counted(pool, Kind::started, workers + many);
    EXPECT_EQ(pool.size(), workers);
    EXPECT_EQ(pool.events().count(Kind::died), many);
    EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
  }
};

INSTANTIATE_TEST_SUITE_P(By, Recovery, ::testing::Values(By::exit, By::cancel),
                         [](const auto& each) { return each.param == By::exit ? "Exit" : "Cancel"; });

// S5.6: noticed, reported, counted, replaced, in the same seat and under the same name.
TEST_P(Recovery, AWorkerThatDiesIsReplacedInItsSeat) {
  std::atomic<int> reported = 0;
  ThreadPool pool({.workers = 2, .name = "Phoenix", .on_error = [&](std::exception_ptr error) {
                     EXPECT_THROW(std::rethrow_exception(error), PoolError);
                     ++reported;
                   }});
  const std::size_t threads = thread_count();
  for (std::size_t i = 1; i <= 10; ++i) {
    auto job = pool.launch({}, [] { end_thread(); });
    EXPECT_THROW(job.get(), PoolError);
    EXPECT_EQ(job.state(), JobState::failed);
    until_replaced(pool, i, 2);
  }
  EXPECT_EQ(reported, 10);
  EXPECT_TRUE(thread_count_becomes(threads));
  for (const std::string& name : testing::thread_names()) {
    if (name.starts_with("Phoenix")) {
      EXPECT_TRUE(name == "Phoenix-0" || name == "Phoenix-1") << name;
    }
  }
  for (const Event& event : pool.events().last) EXPECT_LT(event.worker, 2U);
  pool.wait_idle();
  EXPECT_EQ(pool.totals().failed, 10U);
  EXPECT_EQ(pool.worker_stats().workers.size(), 2U);
}

// S5.6: also with one worker only: what was queued there, by itself and from outside.
TEST_P(Recovery, TheQueueSurvives) {
  ThreadPool pool(quiet(1));
  std::atomic<int> ran = 0;
  Gate go;
  pool.post([&] {
    go.wait();
    for (int i = 0; i < 100; ++i) pool.post([&] { ++ran; });
    end_thread();
  });
  for (int i = 0; i < 100; ++i) pool.post([&] { ++ran; });
  go.open();
  pool.wait_idle();
  EXPECT_EQ(ran, 200);
}

// S5.6: a future says so, too.
TEST_P(Recovery, AFutureOfWhatHasEndedItsThreadSaysSo) {
  ThreadPool pool(quiet(1));
  EXPECT_THROW(pool.submit([] { end_thread(); }).get(), std::exception);
  until_replaced(pool, 1, 1);
}

// S5.6: the jobs on that thread's stack, all of them, and no other.
TEST_P(Recovery, AJobThatRunsWithinAnotherEndsBoth) {
  ThreadPool pool(quiet(1));
  std::atomic<bool> before = false, after = false;
  Job<void> inner;
  auto outer = pool.launch({}, [&] {
    pool.post([&] { before = true; });
    inner = pool.launch({}, [] { end_thread(); });
    inner.wait();
    after = true;
  });
  EXPECT_THROW(outer.get(), PoolError);
  EXPECT_THROW(inner.get(), PoolError);
  until_replaced(pool, 1, 1);
  pool.wait_idle();
  EXPECT_TRUE(before);
  EXPECT_FALSE(after);
  EXPECT_EQ(pool.totals().failed, 2U);
}

// S5.6: another worker runs the part, and dies: the group hears of it, and the job that waits goes on.
TEST_P(Recovery, APartOfAGroupThatHasEndedItsThreadHasFailed) {
  ThreadPool pool(quiet(2));
  std::atomic<int> ran = 0;
  pool.launch({},
              [&] {
                TaskGroup group(pool);
                Gate stolen;
                group.run([&] {
                  stolen.open();
                  for (int i = 0; i < 10; ++i) group.run([&] { ++ran; });
                  end_thread();
                });
                stolen.wait();
                EXPECT_THROW(group.wait(), PoolError);
                EXPECT_EQ(group.failed(), 1U);
                EXPECT_EQ(ran, 10);
              })
      .get();
  until_replaced(pool, 1, 2);
}

// S5.6: who waits for the group runs the part, and dies of it. The other parts are done before the group is gone.
TEST_P(Recovery, APartOnTheStackOfWhoWaitsEndsBoth) {
  ThreadPool pool(quiet(1));
  std::atomic<int> ran = 0;
  auto job = pool.launch({}, [&] {
    TaskGroup group(pool);
    for (int i = 0; i < 10; ++i) group.run([&] { ++ran; });
    group.run([] { end_thread(); });  // the newest comes first
    group.wait();
    ADD_FAILURE() << "its thread has ended";
  });
  EXPECT_THROW(job.get(), PoolError);
  EXPECT_EQ(ran, 10);
  until_replaced(pool, 1, 1);
}

// S5.6: the half that somebody has stolen.
TEST_P(Recovery, HalfOfAnInvokeThatHasEndedItsThreadIsAnError) {
  ThreadPool pool(quiet(2));
  pool.launch({},
              [&] {
                Gate stolen;
                const auto invokes = [&] {
                  stealing::invoke([&] { stolen.wait(); },
                                   [&] {
                                     stolen.open();
                                     end_thread();
                                   });
                };
                EXPECT_THROW(invokes(), PoolError);
              })
      .get();
  until_replaced(pool, 1, 2);
}

// S5.6: the job that invokes dies; its frame stays until the thief of its half has ended.
TEST_P(Recovery, WhoInvokesWaitsForHisThiefAndDies) {
  ThreadPool pool(quiet(2));
  Gate stolen;
  std::atomic<bool> ends = false, ended = false;
  auto job = pool.launch({}, [&] {
    stealing::invoke(
        [&] {
          stolen.wait();
          ends = true;
          end_thread();
        },
        [&] {
          stolen.open();
          until([&] { return ends.load(); });
          ended = true;
        });
  });
  EXPECT_THROW(job.get(), PoolError);
  EXPECT_TRUE(ended);
  until_replaced(pool, 1, 2);
}

// S5.6: one grain of a loop ends the thread that it runs on, which may be the one that waits for all.
TEST_P(Recovery, ALoopSaysThatAPartOfItIsLost) {
  ThreadPool pool(quiet(3));
  for (std::size_t round = 1; round <= 20; ++round) {
    std::vector<std::atomic<int>> done(64);
    auto job = pool.launch({}, [&] {
      const auto body = [&](std::size_t i) {
        if (i == 3 * round) end_thread();
        ++done[i];
      };
      stealing::parallel_for(pool, std::size_t{0}, done.size(), body, {.grain = 1});
    });
    EXPECT_THROW(job.get(), PoolError);
    until_replaced(pool, round, 3);
    for (const auto& times : done) ASSERT_LE(times, 1);
  }
}

// S5.6 S5.9: who dies does not block any more.
TEST_P(Recovery, WhoDiesWhileItBlocksIsNotWaitedFor) {
  Options options = by_hand(1, 3);
  priority::ManualClock clock;
  testing::Oracle oracle;
  options.clock = &clock;
  options.policy = oracle.policy();
  ThreadPool pool(options);
  for (std::size_t i = 1; i <= 5; ++i) {
    EXPECT_THROW(pool.launch({}, [&] { pool.blocking([] { end_thread(); }); }).get(), PoolError);
    until_counted(pool, Kind::died, i);
    until([&] { return pool.size() >= 1; });
    clock.advance(std::chrono::seconds(10));
    oracle.until_asked(i);
    EXPECT_EQ(oracle.asked().back().blocked, 0U);
    until([&] { return pool.size() == 1; });
  }
}

// S5.6: a worker that sleeps is ended from outside. Nothing is lost with it, and the others are woken in its place.
TEST(Cancelled, AWorkerInItsSleepIsReplaced) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not see what a thread locks that is ended in sem_wait()";
#endif
  ThreadPool pool(quiet(2));
  for (std::size_t i = 1; i <= 10; ++i) {
    const pthread_t worker = pool.submit([] { return pthread_self(); }).get();
    testing::until_parked(pool, 2);
    ASSERT_EQ(pthread_cancel(worker), 0);
    for (int k = 0; k < 10; ++k) EXPECT_EQ(pool.submit([k] { return k; }).get(), k);
    until_counted(pool, Kind::died, i);
    until_counted(pool, Kind::started, 2 + i);
  }
  pool.wait_idle();
  EXPECT_EQ(pool.totals().failed, 0U);
}

// S5.6: one that waits for a group, asleep. Its job fails, and waits for the part that another one still runs.
TEST(Cancelled, AWorkerThatWaitsForAGroupFailsItsJob) {
  ThreadPool pool(quiet(2));
  Gate stolen, go;
  std::atomic<pthread_t> waiter{};
  std::atomic<bool> ended = false, waits = false;
  auto job = pool.launch({}, [&] {
    TaskGroup group(pool);
    group.run([&] {
      stolen.open();
      go.wait();
      ended = true;
    });
    stolen.wait();
    waiter = pthread_self();
    waits = true;
    group.wait();
  });
  until([&] { return waits.load(); });
  ASSERT_EQ(pthread_cancel(waiter), 0);  // it takes effect where it sleeps, or is about to
  EXPECT_FALSE(job.wait_for(std::chrono::milliseconds(20)));
  go.open();
  EXPECT_THROW(job.get(), PoolError);
  EXPECT_TRUE(ended);
  until_counted(pool, Kind::started, 3);
}

// S5.6: exactly once under load, while every tenth job takes its thread with it.
TEST_P(Recovery, NothingIsLostUnderLoad) {
  constexpr std::size_t kJobs = 600;
  ThreadPool pool(quiet(3));
  std::vector<std::atomic<int>> ran(2 * kJobs);
  std::vector<Job<void>> jobs;
  for (std::size_t i = 0; i < kJobs; ++i) {
    jobs.push_back(pool.launch({}, [&, i] {
      ++ran[2 * i];
      pool.post([&, i] { ++ran[2 * i + 1]; });
      if (i % 10 == 0) end_thread();
    }));
  }
  for (std::size_t i = 0; i < kJobs; ++i) {
    jobs[i].wait();
    ASSERT_EQ(jobs[i].state(), i % 10 == 0 ? JobState::failed : JobState::completed) << i;
  }
  pool.wait_idle();
  for (const auto& times : ran) ASSERT_EQ(times, 1);
  until_replaced(pool, kJobs / 10, 3);
  pool.wait_idle();
  const Totals totals = pool.totals();
  EXPECT_EQ(totals.failed, kJobs / 10);
  EXPECT_EQ(totals.submitted, totals.completed + totals.failed);
}

// S5.6: each thread has its hooks, however it ends; and who comes has the number of who has died.
TEST_P(Recovery, HooksHearOfAll) {
  std::array<std::atomic<int>, 2> starts{}, stops{};
  {
    Options options = quiet(2);
    options.on_start = [&](std::size_t worker) { ++starts.at(worker); };
    options.on_stop = [&](std::size_t worker) { ++stops.at(worker); };
    ThreadPool pool(options);
    for (std::size_t i = 1; i <= 6; ++i) {
      pool.post([] { end_thread(); });
      until_replaced(pool, i, 2);
    }
    EXPECT_EQ(starts[0] + starts[1], 8);
    EXPECT_EQ(stops[0] + stops[1], 6);
  }
  EXPECT_EQ(starts[0], stops[0]);
  EXPECT_EQ(starts[1], stops[1]);
}

// S5.6: whichever way a worker goes: ended by a job, sent home, or because all is done.
TEST_P(Recovery, WhatOnStopThrowsIsReported) {
  std::atomic<int> reported = 0;
  {
    Options options = by_hand(1, 2);
    options.on_stop = [](std::size_t worker) { throw worker; };
    options.on_error = [&](std::exception_ptr error) {
      try {
        std::rethrow_exception(error);
      } catch (std::size_t) {
        ++reported;
      } catch (const PoolError&) {  // that somebody has died
      }
    };
    ThreadPool pool(options);
    pool.post([] { end_thread(); });
    until_replaced(pool, 1, 1);
    EXPECT_EQ(reported, 1);
    pool.scale_to(2);
    until_counted(pool, Kind::started, 3);
    pool.scale_to(1);
    until_counted(pool, Kind::retired, 1);
    EXPECT_EQ(reported, 2);
  }
  EXPECT_EQ(reported, 3);
}

// S5.6: at the end, too, all that is queued is done.
TEST_P(Recovery, AtTheEnd) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(quiet(1));
    for (int i = 0; i < 20; ++i) {
      pool.post([&] {
        ++ran;
        end_thread();
      });
    }
  }
  EXPECT_EQ(ran, 20);
}

// S5.6: it dies when it is about to go: then nobody takes its place.
TEST_P(Recovery, WhoIsToGoIsNotReplaced) {
  ThreadPool pool(by_hand(1, 2));
  pool.scale_to(2);
  testing::until_parked(pool, 2);
  Gate here;
  Gate go[2];
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      const std::size_t worker = *pool.current_worker();
      if (worker == 1) here.open();
      go[worker].wait();
      if (worker == 1) end_thread();
    });
  }
  here.wait();
  pool.scale_to(1);
  go[1].open();
  until_counted(pool, Kind::died, 1);
  go[0].open();
  pool.wait_idle();
  EXPECT_EQ(pool.size(), 1U);
  EXPECT_EQ(pool.events().count(Kind::started), 2U);
}

}  // namespace
}  // namespace pool::autoscale

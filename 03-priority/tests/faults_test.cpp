// What the pool of stage 03 does when the machine fails it: no memory, no thread for the timer, a job that ends its own
// thread, a callback that goes too far.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <pthread.h>

#include <pool/priority/thread_pool.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/every_allocation.hpp>
#include <pool/testing/failing_threads.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::priority {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::FailingThread;
using testing::Gate;
using testing::Held;

struct Outcome {
  std::atomic<int> ran = 0;
  int taken = 0;
  int failed = 0;
};

// A pool that lives, and its jobs, while one allocation fails.
void live_through(Outcome& outcome) {
  const auto attempt = [&](auto&& act) {
    try {
      act();
    } catch (const std::bad_alloc&) {
      ++outcome.failed;
    }
  };
  attempt([&] {
    const CancelSource all;
    ThreadPool pool({.workers = 1, .capacity = 4});
    const Time later = steady_clock().now() + hours(1);
    for (int i = 0; i < 2; ++i) {
      attempt([&] {
        auto job = pool.launch({.name = "a name that is too long for a small string", .deadline = later},
                               [&] { ++outcome.ran; });
        ++outcome.taken;
        job.wait();
        if (job.state() != JobState::completed) --outcome.taken;
      });
      attempt([&] {
        auto job = pool.launch({.timeout = hours(1), .token = all.token()}, [&](const CancelToken&) { ++outcome.ran; });
        ++outcome.taken;
        job.wait();
        if (job.state() != JobState::completed) {  // there was no memory for its timeout
          --outcome.taken;
          ++outcome.failed;
        }
      });
      attempt([&] {
        pool.post(Priority::high, [&] { ++outcome.ran; });
        ++outcome.taken;
      });
    }
    pool.wait_idle();
  });
}

// R1 R2 R9: what was taken runs, or says why not; what was not does not; and nothing leaks, whichever allocation fails.
TEST(Faults, EveryAllocationMayFail) {
  testing::every_allocation_fails<Outcome>(live_through, [](const Outcome& outcome, bool failed) {
    EXPECT_EQ(outcome.ran, outcome.taken);
    EXPECT_EQ(outcome.failed, failed ? 1 : 0);
  });
}

// S3.7 R2: without a thread for the timer a job with a deadline is refused, and all others work.
TEST(Faults, NoThreadForTheTimer) {
  ThreadPool pool({.workers = 1});
  auto witness = std::make_shared<int>(0);
  {
    const FailingThread armed(0);
    EXPECT_THROW(static_cast<void>(pool.launch({.deadline = steady_clock().now() + hours(1)}, [witness] {})),
                 std::system_error);
    EXPECT_EQ(witness.use_count(), 1);
    auto timed = pool.launch({.timeout = hours(1)}, [witness] {});
    EXPECT_THROW(timed.get(), std::system_error) << "it could not be watched, so it was not run";
    EXPECT_EQ(timed.state(), JobState::failed);
    EXPECT_EQ(witness.use_count(), 1);
    EXPECT_EQ(pool.launch({}, [] { return 1; }).get(), 1);
  }
  EXPECT_EQ(pool.launch({.timeout = hours(1)}, [] { return 2; }).get(), 2) << "there are threads again";
}

// S3.4 R3: a job that ends its thread has failed, and says so.
TEST(Faults, AJobThatEndsItsThreadHasFailed) {
  ThreadPool pool({.workers = 2});
  auto job = pool.launch({}, [] { pthread_exit(nullptr); });
  EXPECT_THROW(job.get(), PoolError);
  EXPECT_EQ(job.state(), JobState::failed);
  EXPECT_EQ(pool.launch({}, [] { return 1; }).get(), 1);
  pool.wait_idle();
  EXPECT_EQ(pool.totals().failed, 1U);
}

// S3.9 R10: a callback on the timer's thread is no place to wait for the pool.
TEST(Faults, ACallbackOfALateJobCannotShutThePoolDown) {
  ManualClock clock;
  Held<ThreadPool> held({.clock = &clock});
  std::atomic<int> refused = 0;
  auto job = held.pool.launch({.deadline = clock.now() + seconds(1)}, [] {});
  Gate called;
  job.on_end([&](const JobCore&) {
    try {
      held.pool.shutdown();
    } catch (const PoolError&) {
      ++refused;
    }
    called.open();
  });
  clock.advance(seconds(1));
  called.wait();
  EXPECT_EQ(refused, 1);
}

// R4 S3.7: a pool with a timer that has nothing to do costs no more than one without.
TEST(Faults, AnIdleTimerSleeps) {
  ThreadPool pool({.workers = 1});
  pool.launch({.timeout = hours(1)}, [] {}).get();
  const auto before = testing::cpu_time_of_threads("PoolTimer");
  Gate never;
  EXPECT_FALSE(never.wait_for(std::chrono::milliseconds(500)));
  EXPECT_LT(testing::cpu_time_of_threads("PoolTimer") - before, std::chrono::milliseconds(1));
}

// R20: a job whose destructor of a closure throws is reported, and ends like others.
TEST(Faults, AClosureWhoseDestructorThrows) {
  struct Hostile {
    bool armed = true;
    Hostile() = default;
    Hostile(Hostile&& other) noexcept : armed(std::exchange(other.armed, false)) {}
    Hostile(const Hostile&) = delete;
    ~Hostile() noexcept(false) {
      if (armed) throw std::runtime_error("on the way out");
    }
    void operator()() const {}
  };
  Held<ThreadPool> held({});
  auto job = held.pool.launch({.name = "hostile"}, Hostile());
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(job.cancel());
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "hostile: exception from the destructor of cancelled work: on the way out\n");
  EXPECT_EQ(job.state(), JobState::cancelled);
  held.release();
  held.pool.wait_idle();
}

}  // namespace
}  // namespace pool::priority

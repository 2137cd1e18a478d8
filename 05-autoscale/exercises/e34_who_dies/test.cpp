// Jobs that end their threads, and what becomes of all others.
#include <e34_who_dies/ward.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pthread.h>

#include <pool/testing/failing_threads.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

using exercise::Ward;
using pool::basic::PoolError;
using pool::testing::FailingThread;
using pool::testing::Gate;
using pool::testing::thread_count;
using pool::testing::thread_count_becomes;

namespace {

void die() {
  pthread_exit(nullptr);
}

// Each of these jobs ends when all have begun: so there are as many workers.
void all_meet(Ward& ward, std::size_t workers) {
  std::latch here(static_cast<std::ptrdiff_t>(workers));
  std::vector<std::future<void>> jobs;
  for (std::size_t i = 0; i < workers; ++i) jobs.push_back(ward.submit([&] { here.arrive_and_wait(); }));
  for (auto& job : jobs) job.get();
}

}  // namespace

TEST(Ward, DoesWhatIsHandedIn) {
  std::atomic<int> ran = 0;
  {
    Ward ward(3);
    for (int i = 0; i < 100; ++i) static_cast<void>(ward.submit([&] { ++ran; }));
    all_meet(ward, 3);
  }
  EXPECT_EQ(ran, 100);
}

TEST(Ward, AnExceptionIsNoDeath) {
  Ward ward(1);
  auto job = ward.submit([] { throw std::out_of_range("no"); });
  EXPECT_THROW(job.get(), std::out_of_range);
  EXPECT_NO_THROW(ward.submit([] {}).get());
  EXPECT_EQ(ward.died(), 0U);
}

TEST(Death, TheJobSaysSo) {
  Ward ward(2);
  EXPECT_THROW(ward.submit(die).get(), PoolError);
}

TEST(Death, DestructorsRunBefore) {
  Ward ward(1);
  std::atomic<bool> gone{false};
  struct Local {
    std::atomic<bool>& gone;
    ~Local() { gone = true; }
  };
  auto job = ward.submit([&] {
    const Local local{gone};
    die();
  });
  EXPECT_THROW(job.get(), PoolError);
  EXPECT_TRUE(gone);
}

TEST(Death, AnotherOneTakesTheSeat) {
  Ward ward(2);
  for (std::size_t i = 1; i <= 10; ++i) {
    EXPECT_THROW(ward.submit(die).get(), PoolError);
    all_meet(ward, 2);
    EXPECT_EQ(ward.died(), i);
  }
}

TEST(Death, TheQueueSurvives) {
  Ward ward(1);
  Gate go;
  std::atomic<int> ran = 0;
  auto last = ward.submit([&] {
    go.wait();
    die();
  });
  std::vector<std::future<void>> jobs;
  for (int i = 0; i < 100; ++i) jobs.push_back(ward.submit([&] { ++ran; }));
  go.open();
  EXPECT_THROW(last.get(), PoolError);
  for (auto& job : jobs) job.get();
  EXPECT_EQ(ran, 100);
}

TEST(Death, OfAllAtOnce) {
  Ward ward(4);
  for (int round = 0; round < 20; ++round) {
    std::latch here(4);
    std::vector<std::future<void>> jobs;
    for (int i = 0; i < 4; ++i) {
      jobs.push_back(ward.submit([&] {
        here.arrive_and_wait();
        die();
      }));
    }
    for (auto& job : jobs) EXPECT_THROW(job.get(), PoolError);
    all_meet(ward, 4);
  }
  EXPECT_EQ(ward.died(), 80U);
}

TEST(Death, ByCancellation) {
  Ward ward(1);
  auto job = ward.submit([] {
    pthread_cancel(pthread_self());
    pthread_testcancel();
  });
  EXPECT_THROW(job.get(), PoolError);
  EXPECT_NO_THROW(ward.submit([] {}).get());
}

TEST(Death, LeavesNoThreadBehind) {
  const std::size_t before = thread_count();
  {
    Ward ward(2);
    for (int i = 0; i < 20; ++i) EXPECT_THROW(ward.submit(die).get(), PoolError);
    all_meet(ward, 2);
    EXPECT_TRUE(thread_count_becomes(before + 3));
  }
  EXPECT_TRUE(thread_count_becomes(before));
}

TEST(Death, AtTheEnd) {
  std::atomic<int> ran = 0;
  {
    Ward ward(1);
    for (int i = 0; i < 20; ++i) {
      static_cast<void>(ward.submit([&] {
        ++ran;
        die();
      }));
    }
  }
  EXPECT_EQ(ran, 20);
}

TEST(Threads, OneThatCannotBeCreatedIsTriedAgain) {
  Ward ward(1);
  std::future<void> waits;
  {
    const FailingThread armed(0);
    EXPECT_THROW(ward.submit(die).get(), PoolError);
    waits = ward.submit([] {});
    while (ward.died() == 0) std::this_thread::yield();
    EXPECT_EQ(waits.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  }
  waits.get();
}

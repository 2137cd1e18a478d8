// Contract, part three: work that throws, or does worse.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>

#include <pool/testing/gate.hpp>

namespace pool::testing {

// Throws from its destructor, once: from the last of its moved copies.
class ThrowsWhenDestroyed {
 public:
  ThrowsWhenDestroyed() = default;
  ThrowsWhenDestroyed(ThrowsWhenDestroyed&& other) noexcept : armed_(std::exchange(other.armed_, false)) {}
  ~ThrowsWhenDestroyed() noexcept(false) {
    if (armed_) throw std::runtime_error("from a destructor");
  }
  void operator()() const {}

 private:
  bool armed_ = true;
};

// How many distinct threads run jobs, when `expected` jobs must be there at once.
template <class Pool>
std::size_t crew_at_work(Pool& pool, std::ptrdiff_t expected) {
  std::latch everybody(expected);
  std::vector<std::future<std::thread::id>> jobs;
  for (std::ptrdiff_t i = 0; i < expected; ++i) {
    jobs.push_back(pool.submit([&] {
      everybody.arrive_and_wait();
      return std::this_thread::get_id();
    }));
  }
  std::set<std::thread::id> threads;
  for (auto& job : jobs) threads.insert(job.get());
  return threads.size();
}

inline std::string what(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& e) {
    return e.what();
  } catch (int number) {
    return "int " + std::to_string(number);
  }
}

template <class Pool>
class PoolFailures : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolFailures);

// S1.4 R5
TYPED_TEST_P(PoolFailures, AnExceptionOfSubmittedWorkIsInItsFuture) {
  TypeParam pool({.workers = 2});
  auto text = pool.submit([]() -> int { throw std::runtime_error("no such file"); });
  auto number = pool.submit([] { throw 7; });
  try {
    text.get();
    FAIL() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no such file");
  }
  EXPECT_THROW(number.get(), int);
}

// S1.4 R5
TYPED_TEST_P(PoolFailures, ThrowingJobsDoNotShrinkTheCrew) {
  std::atomic<int> reported = 0;
  TypeParam pool({.workers = 3, .on_error = [&](std::exception_ptr) { ++reported; }});
  for (int i = 0; i < 30; ++i) {
    pool.post([] { throw std::runtime_error("again"); });
    pool.post([] { throw 1; });
    EXPECT_THROW(pool.submit([] { throw 2; }).get(), int);
  }
  EXPECT_EQ(crew_at_work(pool, 3), 3U);
  pool.shutdown();
  EXPECT_EQ(reported, 60);
}

// S1.4 R5
TYPED_TEST_P(PoolFailures, AnExceptionOfPostedWorkReachesTheErrorHandlerOnItsWorker) {
  std::promise<std::string> message;
  std::promise<std::thread::id> handled_on;
  std::promise<std::thread::id> ran_on;
  TypeParam pool({.workers = 2, .on_error = [&](std::exception_ptr error) {
                    handled_on.set_value(std::this_thread::get_id());
                    message.set_value(what(std::move(error)));
                  }});
  pool.post([&] {
    ran_on.set_value(std::this_thread::get_id());
    throw std::runtime_error("disk full");
  });
  EXPECT_EQ(message.get_future().get(), "disk full");
  EXPECT_EQ(handled_on.get_future().get(), ran_on.get_future().get());
}

// S1.4
TYPED_TEST_P(PoolFailures, WithoutAHandlerTheErrorIsPrintedWithTheWorkersName) {
  ::testing::internal::CaptureStderr();
  {
    TypeParam pool({.workers = 1, .name = "crawler"});
    pool.post([] { throw std::runtime_error("disk full"); });
    pool.post([] { throw 3; });
  }
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(printed, ::testing::ContainsRegex("crawler-0.*disk full"));
  EXPECT_THAT(printed, ::testing::ContainsRegex("crawler-0.*not derived from std::exception"));
}

// S1.4
TYPED_TEST_P(PoolFailures, AHandlerThatThrowsHarmsNothing) {
  ::testing::internal::CaptureStderr();
  {
    TypeParam pool({.workers = 1, .on_error = [](std::exception_ptr) { throw std::runtime_error("handler broken"); }});
    pool.post([] { throw 1; });
    EXPECT_EQ(pool.submit([] { return 5; }).get(), 5);
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), ::testing::HasSubstr("handler broken"));
}

// S1.4
TYPED_TEST_P(PoolFailures, AClosureWhoseDestructorThrowsHarmsNothing) {
  std::mutex mutex;
  std::vector<std::string> reported;
  TypeParam pool({.workers = 1, .on_error = [&](std::exception_ptr error) {
                    std::lock_guard lock(mutex);
                    reported.push_back(what(std::move(error)));
                  }});
  pool.post(ThrowsWhenDestroyed());
  auto submitted = pool.submit(ThrowsWhenDestroyed());
  EXPECT_THROW(submitted.get(), std::runtime_error);
  auto both = pool.submit([bad = ThrowsWhenDestroyed()] { throw std::logic_error("from the call"); });
  EXPECT_THROW(both.get(), std::logic_error);

  Gate running;
  Gate go;
  pool.post([&] {
    running.open();
    go.wait();
  });
  running.wait();
  pool.post(ThrowsWhenDestroyed());
  auto dropped = pool.submit(ThrowsWhenDestroyed());
  std::thread closer([&] { pool.shutdown(basic::Shutdown::discard); });
  EXPECT_THROW(dropped.get(), std::future_error);
  go.open();
  closer.join();
  EXPECT_EQ(reported, std::vector<std::string>(3, "from a destructor"));
}

// S1.7 R10
TYPED_TEST_P(PoolFailures, ShutdownFromAnOwnJobThrowsAndLeavesThePoolAlone) {
  TypeParam pool({.workers = 2});
  EXPECT_THROW(pool.submit([&] { pool.shutdown(); }).get(), basic::PoolError);
  EXPECT_THROW(pool.submit([&] { pool.shutdown(basic::Shutdown::discard); }).get(), basic::PoolError);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);

  TypeParam other({.workers = 1});  // another pool's shutdown is nobody's own
  EXPECT_NO_THROW(pool.submit([&] { other.shutdown(); }).get());
}

// S1.7 R10
TYPED_TEST_P(PoolFailures, APoolDestroyedByItsOwnJobSaysWhyAndTerminates) {
  EXPECT_DEATH(
      {
        auto* pool = new TypeParam({.workers = 2});
        pool->submit([pool] { delete pool; }).wait();
      },
      "destroyed by one of its own jobs");
}

REGISTER_TYPED_TEST_SUITE_P(PoolFailures, AnExceptionOfSubmittedWorkIsInItsFuture, ThrowingJobsDoNotShrinkTheCrew,
                            AnExceptionOfPostedWorkReachesTheErrorHandlerOnItsWorker,
                            WithoutAHandlerTheErrorIsPrintedWithTheWorkersName, AHandlerThatThrowsHarmsNothing,
                            AClosureWhoseDestructorThrowsHarmsNothing, ShutdownFromAnOwnJobThrowsAndLeavesThePoolAlone,
                            APoolDestroyedByItsOwnJobSaysWhyAndTerminates);

}  // namespace pool::testing

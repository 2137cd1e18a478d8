// Jobs without a pool: states, producers, and what one costs.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <pool/priority/thread_pool.hpp>
#include <pool/testing/allocations.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::priority {
namespace {

// S3.5
TEST(Job, AStateNeverGoesBack) {
  using enum JobState;
  const JobState all[] = {queued, running, completed, failed, cancelled};
  const std::pair<JobState, JobState> allowed[] = {
      {queued, running}, {queued, cancelled}, {running, completed}, {running, failed}, {running, cancelled}};
  for (const JobState from : all) {
    for (const JobState to : all) {
      bool may = false;
      for (const auto& [a, b] : allowed) may = may || (a == from && b == to);
      EXPECT_EQ(may_follow(from, to), may) << to_string(from) << " to " << to_string(to);
    }
  }
}

// S3.5
TEST(Job, AForbiddenChangeIsAnErrorAndChangesNothing) {
  auto [job, producer] = make_job<int>({.name = "remote"});
  EXPECT_THROW(producer.complete(1), std::logic_error);  // not started
  EXPECT_EQ(job.state(), JobState::queued);
  EXPECT_TRUE(producer.start(3));
  EXPECT_FALSE(producer.start()) << "it is somebody's";
  producer.complete(7);
  EXPECT_THROW(producer.fail(std::make_exception_ptr(std::runtime_error("late"))), std::logic_error);
  EXPECT_THROW(producer.cancel(), std::logic_error);
  EXPECT_EQ(job.state(), JobState::completed);
  EXPECT_EQ(job.get(), 7);
  EXPECT_EQ(job.info().worker, 3U);
}

// A seam: something other than a thread completes the job.
TEST(Job, AProducerFailsOrCancelsIt) {
  auto [failing, first] = make_job<std::string>();
  ASSERT_TRUE(first.start());
  first.fail(std::make_exception_ptr(std::runtime_error("the machine is gone")));
  EXPECT_THROW(static_cast<void>(failing.get()), std::runtime_error);

  auto [cancelled, second] = make_job<void>();
  ASSERT_TRUE(second.start());
  EXPECT_FALSE(second.token().is_cancelled());
  cancelled.cancel("enough");
  EXPECT_EQ(second.token().reason(), "enough");
  second.cancel(second.token().reason());
  EXPECT_THROW(cancelled.get(), Cancelled);

  auto [early, third] = make_job<void>();
  early.cancel();
  EXPECT_FALSE(third.start()) << "there is nothing left to do";
}

// S3.6: asked before it had a token, it is asked.
TEST(Job, ATokenThatIsMadeLateKnowsOfTheCancellation) {
  auto [job, producer] = make_job<void>();
  ASSERT_TRUE(producer.start());
  EXPECT_TRUE(job.cancel("enough"));
  EXPECT_EQ(producer.token().reason(), "enough");
  producer.cancel();
  EXPECT_EQ(job.info().reason, "enough") << "the first reason stays";
}

// S3.7: whoever takes a late job up looks at the time himself, and does not depend on the timer.
TEST(Job, ALateOneIsNotStartedEvenWithoutATimer) {
  ManualClock clock;
  ThreadPool pool({.workers = 1, .clock = &clock});
  const auto host = pool.job_host();
  host->timer().stop();
  bool ran = false;
  auto closure = [&] { ran = true; };
  JobRef<JobResult<void>> job(new JobTask<void, decltype(closure)>({.deadline = clock.now()}, host, closure));
  job->retain();
  UnitPtr unit(&*job);
  EXPECT_EQ(unit->run(0), Ending::skipped);
  EXPECT_FALSE(ran);
  EXPECT_EQ(job->info().reason, reason::deadline);

  auto [late, producer] = make_job<void>({.deadline = clock.now()}, host);
  EXPECT_FALSE(producer.start());
  EXPECT_EQ(late.info().reason, reason::deadline);
}

// S3.7: a start is the moment at which the worker looked, even if the clock goes on.
TEST(Job, NoneHasStartedAfterItsDeadline) {
  struct Restless : Clock {
    [[nodiscard]] Time now() const override { return now_ += std::chrono::milliseconds(10); }
    [[nodiscard]] std::unique_ptr<Alarm> alarm() override { return steady_clock().alarm(); }
    mutable Time now_{std::chrono::hours(1)};
  };
  struct Host : JobHost {
    Clock& clock() override { return restless; }
    Timer& timer() override { return timer_; }
    void withdraw(JobCore&) override {}
    void overran(const JobCore&) override {}
    Restless restless;
    Timer timer_{restless};
  };
  const auto host = std::make_shared<Host>();
  host->timer().stop();
  int started = 0;
  for (int late = 0; late < 100; late += 5) {
    const Time deadline = host->restless.now_ + std::chrono::milliseconds(late);
    auto [job, producer] = make_job<void>({.deadline = deadline}, host);
    if (!producer.start()) continue;
    ++started;
    EXPECT_LT(job.info().started, deadline);
    producer.complete();
  }
  EXPECT_GT(started, 0);
}

// A seam: whoever waits asks the host first, which may do something useful meanwhile.
TEST(Job, AWaitLetsTheHostHelp) {
  struct Helping : JobHost {
    Clock& clock() override { return steady_clock(); }
    Timer& timer() override { return own; }
    void withdraw(JobCore&) override {}
    void overran(const JobCore&) override {}
    bool help(JobCore&) override {
      ++asked;
      if (asked == 3) producer->complete(7);
      return true;
    }
    Timer own{steady_clock()};
    std::optional<JobProducer<int>> producer;
    int asked = 0;
  };
  const auto host = std::make_shared<Helping>();
  auto [job, producer] = make_job<int>({}, host);
  host->producer.emplace(std::move(producer));
  ASSERT_TRUE(host->producer->start());
  EXPECT_FALSE(job.wait_for(std::chrono::seconds(0))) << "who only looks does not wait";
  EXPECT_EQ(host->asked, 0);
  EXPECT_EQ(job.get(), 7);
  EXPECT_EQ(host->asked, 3);
  host->producer.reset();  // the job shares the host, and here the host the job
}

// A producer that goes leaves nobody waiting.
TEST(Job, AProducerThatGoesEndsItsJob) {
  Job<int> queued;
  Job<int> running;
  {
    const auto made = make_job<int>();
    queued = made.first;
  }
  {
    auto made = make_job<int>();
    ASSERT_TRUE(made.second.start());
    running = made.first;
  }
  EXPECT_EQ(queued.info().reason, "abandoned");
  EXPECT_EQ(queued.state(), JobState::cancelled);
  EXPECT_THROW(static_cast<void>(running.get()), basic::PoolError);
  EXPECT_EQ(running.state(), JobState::failed);
}

// S3.4: one allocation for job, closure and result.
TEST(Job, CostsOneAllocation) {
  testing::Held<ThreadPool> held({});
  const testing::Allocations allocations;
  {
    auto job = held.pool.launch({}, [] { return 1; });
    EXPECT_EQ(allocations.since(), 1U);
  }
  held.pool.post([] {});
  EXPECT_EQ(allocations.since(), 2U) << "as posted work does";
  held.release();
}

// R20: whatever ends a job, its closure and its entries in the timer go with it.
TEST(Job, LeavesNothingBehind) {
  const std::ptrdiff_t before = testing::bytes_in_use;
  {
    ManualClock clock;
    testing::Held<ThreadPool> held({.capacity = 10, .clock = &clock});
    const CancelSource all;
    for (int i = 0; i < 100; ++i) {
      auto job = held.pool.launch({.deadline = clock.now() + std::chrono::hours(1), .token = all.token()}, [] {});
      job.cancel();
    }
    EXPECT_EQ(held.pool.job_host()->timer().pending(), 0U);
    held.release();
  }
  EXPECT_LE(testing::bytes_in_use - before, 0);
}

// R20: nor does one that runs to its end.
TEST(Job, LeavesNothingBehindWhenItIsCompleted) {
  const std::ptrdiff_t before = testing::bytes_in_use;
  {
    ManualClock clock;
    ThreadPool pool({.workers = 1, .clock = &clock});
    const CancelSource all;
    const Time later = clock.now() + std::chrono::hours(1);
    for (int i = 0; i < 100; ++i) {
      pool.launch({.deadline = later, .timeout = std::chrono::hours(1), .token = all.token()}, [] {}).get();
    }
    {
      auto [job, producer] = make_job<void>({.timeout = std::chrono::hours(1)}, pool.job_host());
      ASSERT_TRUE(producer.start());
      producer.complete();  // and nobody has waited for it
    }
    pool.wait_idle();
    EXPECT_EQ(pool.job_host()->timer().pending(), 0U);
    pool.shutdown();  // what the worker has not let go of is gone
    EXPECT_LE(testing::bytes_in_use - before, 16384) << "of the pool itself";
  }
  EXPECT_LE(testing::bytes_in_use - before, 0);
}

// S3.4 R2: a job that the pool refuses leaves no trace, and no timer.
TEST(Job, ThatIsRefusedLeavesNoTrace) {
  testing::Held<ThreadPool> held({.capacity = 1, .overflow = Overflow::reject});
  held.queue(1);
  const std::ptrdiff_t before = testing::bytes_in_use;
  auto witness = std::make_shared<int>(0);
  const Time later = steady_clock().now() + std::chrono::hours(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THROW(static_cast<void>(held.pool.launch({.deadline = later}, [witness] {})), QueueFull);
  }
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(held.pool.job_host()->timer().pending(), 0U);
  witness.reset();
  EXPECT_LE(testing::bytes_in_use - before, 512) << "the timer's thread, once";
}

}  // namespace
}  // namespace pool::priority

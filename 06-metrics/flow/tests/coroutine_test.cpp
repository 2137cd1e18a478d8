// Coroutines: what they give, where they run, how they end.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/flow/launch.hpp>
#include <pool/testing/gate.hpp>

namespace pool::flow {
namespace {

using namespace std::chrono_literals;
using autoscale::ThreadPool;
using basic::PoolStopped;
using priority::Cancelled;
using priority::CancelSource;
using priority::make_job;
using testing::Gate;

autoscale::Options one() {
  autoscale::Options options;
  options.workers = 1;
  return options;
}

Coroutine<int> number(int n) {
  co_return n;
}
Coroutine<int> sum(int a, int b) {
  const int first = co_await number(a);
  co_return first + co_await number(b);
}
Coroutine<int> fails(std::string why) {
  throw std::runtime_error(why);
  co_return 0;
}

// S6.5
TEST(Coroutine, IsLazyAndGivesItsResult) {
  bool ran = false;
  const auto sets = [](bool* flag) -> Coroutine<> {
    *flag = true;
    co_return;
  };
  {
    const Coroutine<> never = sets(&ran);
    EXPECT_TRUE(never);
  }
  EXPECT_FALSE(ran);
  sync_wait(sets(&ran));
  EXPECT_TRUE(ran);
  EXPECT_EQ(sync_wait(sum(1, 2)), 3);
}

TEST(Coroutine, GivesWhatCanOnlyBeMoved) {
  const auto made = []() -> Coroutine<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  const auto passed = [](auto make) -> Coroutine<std::unique_ptr<int>> { co_return co_await make(); };
  EXPECT_EQ(*sync_wait(passed(made)), 7);
}

TEST(Coroutine, ExceptionsTravelAndCanBeCaught) {
  const auto caught = []() -> Coroutine<std::string> {
    std::string text;
    try {
      static_cast<void>(co_await fails("boom"));
    } catch (const std::runtime_error& error) {
      text = error.what();
    }
    co_return text + std::to_string(co_await number(1));
  };
  EXPECT_EQ(sync_wait(caught()), "boom1");
  EXPECT_THROW(static_cast<void>(sync_wait(fails("x"))), std::runtime_error);
}

TEST(Coroutine, WhatWasMovedFromIsRefused) {
  ThreadPool pool(one());
  Coroutine<int> one_of = number(1);
  EXPECT_EQ(sync_wait(std::move(one_of)), 1);
  EXPECT_THROW(static_cast<void>(sync_wait(std::move(one_of))), std::invalid_argument);  // NOLINT: on purpose
  // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
  EXPECT_THROW(static_cast<void>(launch(pool, std::move(one_of))), std::invalid_argument);
}

// S6.5: co_await schedule(pool), co_await job.
TEST(Coroutine, GoesToThePoolAndComesBackThereAfterAJob) {
  ThreadPool other(one());
  ThreadPool pool(one());  // goes first: its worker hands something to the other
  const auto hops = [](ThreadPool& home, ThreadPool& elsewhere) -> Coroutine<std::vector<bool>> {
    std::vector<bool> there;
    there.push_back(home.current_worker().has_value());
    co_await schedule(home);
    there.push_back(home.current_worker().has_value());
    Gate gate;
    const Job<int> job = elsewhere.launch({}, [&gate] { return gate.wait(), 5; });
    elsewhere.post([&gate] { gate.open(); });
    gate.open();
    const int& result = co_await job;
    there.push_back(home.current_worker().has_value() && result == 5);
    co_await schedule(elsewhere);
    there.push_back(elsewhere.current_worker().has_value());
    co_return there;
  };
  EXPECT_THAT(sync_wait(hops(pool, other)), ::testing::ElementsAre(false, true, true, true));
}

// S6.5: the same, and it is sure that it waits when a strange thread ends the job.
TEST(Coroutine, GoesOnAtHomeWhoeverEndsTheJob) {
  ThreadPool pool(one());
  auto [job, producer] = make_job<int>();
  const auto awaits = [](ThreadPool& home, Job<int> awaited) -> Coroutine<bool> {
    const int result = co_await awaited;
    co_return home.current_worker().has_value() && result == 5;
  };
  const Job<bool> is_at_home = launch(pool, awaits(pool, job));
  pool.submit([] {}).get();  // the only worker has come back from the coroutine
  static_cast<void>(producer.start());
  producer.complete(5);
  EXPECT_TRUE(is_at_home.get());
}

TEST(Coroutine, AJobsResultIsSharedOrGivenUp) {
  ThreadPool pool(one());
  const auto both = [](ThreadPool& on) -> Coroutine<std::string> {
    const Job<std::string> kept = on.launch({}, [] { return std::string("kept"); });
    const std::string& text = co_await kept;
    Job<std::unique_ptr<std::string>> given_up = on.launch({}, [] { return std::make_unique<std::string>("own"); });
    const std::unique_ptr<std::string> own = co_await std::move(given_up);
    const Job<void> nothing = on.launch({}, [] {});
    co_await nothing;
    co_return text + *own;
  };
  EXPECT_EQ(launch(pool, both(pool)).get(), "keptown");
}

TEST(Coroutine, WhatAJobThrewIsThrown) {
  ThreadPool pool(one());
  const auto awaits = [](ThreadPool& on) -> Coroutine<> {
    const Job<void> throws = on.launch({}, [] { throw std::runtime_error("from the job"); });
    co_await throws;
  };
  const Job<void> job = launch(pool, awaits(pool), {.name = "awaits"});
  EXPECT_THROW(job.get(), std::runtime_error);
  EXPECT_EQ(job.state(), JobState::failed);
  EXPECT_EQ(job.name(), "awaits");
}

// J3: seen at the very moment when the job ends, however it does.
TEST(Coroutine, WhatItHoldsIsGoneWhenItsJobHasEnded) {
  ThreadPool pool(one());
  const auto alive = std::make_shared<int>(1);
  const auto ends = [&](auto coroutine, JobState how) {
    const auto go = std::make_shared<Gate>();
    const auto job = launch(pool, coroutine(alive, go));
    std::atomic<long> uses = 0;
    job.on_end([&](const JobCore&) { uses = alive.use_count(); });
    go->open();
    job.wait();
    pool.wait_idle();
    EXPECT_EQ(uses, 1);
    EXPECT_EQ(job.state(), how);
  };
  using Held = std::shared_ptr<int>;
  using GatePtr = std::shared_ptr<Gate>;
  ends([](Held held, GatePtr gate) -> Coroutine<int> { co_return gate->wait(), *held; }, JobState::completed);
  ends([](Held, GatePtr gate) -> Coroutine<> { co_return gate->wait(); }, JobState::completed);
  const auto throws = [](Held, GatePtr gate, auto what) -> Coroutine<> {
    gate->wait();
    throw what;
    co_return;
  };
  ends([&](Held held, GatePtr gate) { return throws(held, gate, std::runtime_error("boom")); }, JobState::failed);
  ends([&](Held held, GatePtr gate) { return throws(held, gate, Cancelled("enough")); }, JobState::cancelled);
}

// The stack does not grow, at any level of optimisation.
Coroutine<int> loop(int times) {
  int total = 0;
  for (int i = 0; i < times; ++i) total += co_await number(1);
  co_return total;
}
TEST(Coroutine, AwaitsAHundredThousandInALoop) {
  EXPECT_EQ(sync_wait(loop(100'000)), 100'000);
}
Coroutine<int> deep(int n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await deep(n - 1);
}
TEST(Coroutine, AwaitsAHundredThousandWithinEachOther) {
  EXPECT_EQ(sync_wait(deep(100'000)), 100'000);
}
Coroutine<int> jobs_in_a_loop(ThreadPool& pool, int times) {
  int total = 0;
  for (int i = 0; i < times; ++i) {
    if (i % 2 == 0) co_await schedule(pool);
    const Job<int> one_more = pool.launch({}, [] { return 1; });  // not in the co_await: see coroutine.hpp on g++ 12
    total += co_await one_more;
  }
  co_return total;
}
TEST(Coroutine, AwaitsManyJobsInALoop) {
  ThreadPool pool({.workers = 2});
  EXPECT_EQ(launch(pool, jobs_in_a_loop(pool, 5000)).get(), 5000);
  EXPECT_EQ(sync_wait(jobs_in_a_loop(pool, 1000)), 1000);
}

struct AtTheClock : ::testing::Test {
  AtTheClock()
      : pool([this] {
          autoscale::Options options = one();
          options.clock = &clock;
          return options;
        }()) {}
  void until_it_waits() const {
    while (pool.job_host()->timer().pending() == 0) std::this_thread::yield();
  }
  priority::ManualClock clock;
  ThreadPool pool;
};

Coroutine<bool> waits(ThreadPool& pool, Duration duration) {
  co_await delay(pool, duration);
  co_return pool.current_worker().has_value();
}

// S6.5: co_await a delay; nobody waits meanwhile.
TEST_F(AtTheClock, ADelayTakesNoThread) {
  const Job<bool> job = launch(pool, waits(pool, 10s));
  until_it_waits();
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1) << "the only worker is free";
  EXPECT_EQ(job.state(), JobState::running);
  clock.advance(10s);
  EXPECT_TRUE(job.get());
  EXPECT_EQ(job.info().execution_time(clock.now()), 10s);
  EXPECT_EQ(pool.job_host()->timer().pending(), 0U);
}

TEST_F(AtTheClock, ManyDelaysAtATimeOnOneWorker) {
  std::vector<Job<bool>> jobs;
  for (int i = 0; i < 1000; ++i) jobs.push_back(launch(pool, waits(pool, 10s)));
  while (pool.job_host()->timer().pending() < 1000) std::this_thread::yield();
  clock.advance(10s);
  for (const Job<bool>& job : jobs) EXPECT_TRUE(job.get());
}

TEST_F(AtTheClock, ANegativeDelayIsRefused) {
  EXPECT_THROW(static_cast<void>(launch(pool, waits(pool, -1s)).get()), std::invalid_argument);
}

// Cancellation goes through to what it waits for.
TEST_F(AtTheClock, CancelEndsAWait) {
  const Job<bool> job = launch(pool, waits(pool, 10s));
  until_it_waits();
  EXPECT_TRUE(job.cancel("enough"));
  EXPECT_THROW(static_cast<void>(job.get()), Cancelled);
  EXPECT_EQ(job.info().reason, "enough");
  EXPECT_EQ(pool.job_host()->timer().pending(), 0U);
}

Coroutine<int> cleans_up(ThreadPool& pool, Job<int> never) {
  try {
    co_return co_await never;
  } catch (const Cancelled&) {
  }
  EXPECT_TRUE((co_await current_token()).is_cancelled());
  co_return pool.current_worker() ? 1 : 2;
}
TEST_F(AtTheClock, CancelEndsAWaitForAJobAndTheCoroutineMayCleanUp) {
  auto [never, producer] = make_job<int>();
  const Job<int> job = launch(pool, cleans_up(pool, never));
  until_it_waits();
  EXPECT_TRUE(job.cancel("enough"));
  EXPECT_EQ(job.get(), 1) << "and it goes on at home";
}

TEST_F(AtTheClock, CancelBeforeItBeginsMeansItNeverDoes) {
  Gate gate;
  pool.post([&] { gate.wait(); });
  const Job<bool> job = launch(pool, waits(pool, 10s));
  EXPECT_TRUE(job.cancel("enough"));
  EXPECT_EQ(job.state(), JobState::cancelled);
  gate.open();
  pool.wait_idle();
  EXPECT_EQ(pool.job_host()->timer().pending(), 0U);
}

TEST_F(AtTheClock, ATimeoutIsACancel) {
  const Job<bool> job = launch(pool, waits(pool, 10s), {.timeout = 1s});
  while (pool.job_host()->timer().pending() < 2) std::this_thread::yield();
  clock.advance(1s);
  job.wait();
  EXPECT_EQ(job.info().reason, "timeout");
}

TEST(SyncWait, CanBeCancelledWithoutAHome) {
  const auto awaits = [](Job<int> job) -> Coroutine<int> { co_return co_await std::move(job); };
  auto [never, producer] = make_job<int>();
  const CancelSource source;
  Gate gate;
  std::thread other([&, &never = never] {
    try {
      static_cast<void>(sync_wait(awaits(never), source.token()));
      ADD_FAILURE();
    } catch (const Cancelled& cancelled) {
      EXPECT_EQ(cancelled.reason(), "enough");
    }
  });
  source.cancel("enough");
  other.join();
}

// When the pool is gone, a waiting coroutine resumes with PoolStopped.
Coroutine<std::string> outlives(ThreadPool& pool, Job<int> never, bool by_delay) {
  try {
    if (by_delay) {
      co_await delay(pool, 1h);
    } else {
      co_await never;
    }
  } catch (const PoolStopped&) {
    co_return "stopped";
  }
  co_return "went on";
}
// S6.5
TEST_F(AtTheClock, WhenThePoolIsGoneAWaitingCoroutineGoesOnWithPoolStopped) {
  auto [never, producer] = make_job<int>();
  for (const bool by_delay : {false, true}) {
    auto gone = std::make_unique<ThreadPool>(one());
    const Job<std::string> job = launch(*gone, outlives(*gone, never, by_delay));
    while (gone->job_host()->timer().pending() == 0) std::this_thread::yield();
    gone.reset();
    EXPECT_EQ(job.get(), "stopped");
  }
}

TEST_F(AtTheClock, WhenPatienceIsOverAWaitingCoroutineGoesOnWithPoolStopped) {
  Gate gate;
  auto [never, producer] = make_job<int>();
  const Job<std::string> job = launch(pool, outlives(pool, never, false));
  until_it_waits();
  pool.post([&] { gate.wait(); });
  EXPECT_FALSE(pool.shutdown_for(0s));
  gate.open();
  job.wait();
  EXPECT_TRUE(job.state() == JobState::cancelled || job.get() == "stopped");
}

// What it waits for ends when the pool takes nothing any more.
TEST_F(AtTheClock, WhatEndsAfterAShutdownFindsItStopped) {
  auto [never, producer] = make_job<int>();
  const auto awaits = [](Job<int> job) -> Coroutine<int> { co_return co_await std::move(job); };
  const Job<int> job = launch(pool, awaits(never));
  until_it_waits();
  pool.shutdown();
  EXPECT_THROW(static_cast<void>(job.get()), PoolStopped);
  ASSERT_TRUE(producer.start());
  producer.complete(1);
}

TEST_F(AtTheClock, ScheduleOnAStoppedPoolThrows) {
  pool.shutdown();
  const auto goes = [](ThreadPool& to) -> Coroutine<> { co_await schedule(to); };
  EXPECT_THROW(sync_wait(goes(pool)), PoolStopped);
  EXPECT_THROW(static_cast<void>(launch(pool, goes(pool))), PoolStopped);
}

// Dropped from the queue when the pool discards it.
TEST_F(AtTheClock, AStepThatIsDroppedIsPoolStopped) {
  const auto goes = [](ThreadPool& home, ThreadPool& to) -> Coroutine<std::string> {
    co_await schedule(home);
    try {
      co_await schedule(to);
    } catch (const PoolStopped&) {
      co_return "stopped";
    }
    co_return "went on";
  };
  Gate gate;
  ThreadPool busy(one());
  const Job<void> job = busy.launch({}, [&] { gate.wait(); });
  while (job.state() == JobState::queued) std::this_thread::yield();
  const Job<std::string> result = launch(pool, goes(pool, busy));
  while (busy.pending() == 0) std::this_thread::yield();
  const Job<bool> never_begun = launch(busy, waits(busy, 1s));
  EXPECT_FALSE(busy.shutdown_for(0s));
  EXPECT_EQ(result.get(), "stopped");
  EXPECT_EQ(never_begun.info().reason, "shutdown");
  gate.open();
  pool.shutdown();  // whose worker may still be handing it over
}

TEST(Coroutine, OfManyThingsThatEndTheWaitOneDoes) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 300; ++round) {
    auto [job, producer] = make_job<int>();
    std::atomic<int> resumed = 0;
    const auto awaits = [](Job<int> of, std::atomic<int>& count) -> Coroutine<> {
      try {
        static_cast<void>(co_await of);
      } catch (const Cancelled&) {
      }
      ++count;
    };
    const Job<void> task = launch(pool, awaits(job, resumed));
    std::thread canceller([&] { task.cancel(); });
    if (producer.start()) producer.complete(1);
    canceller.join();
    task.wait();
    EXPECT_LE(resumed, 1);
  }
}

}  // namespace
}  // namespace pool::flow

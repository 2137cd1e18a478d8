// Periodic tasks, by a clock that is the test's.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/flow/every.hpp>
#include <pool/testing/gate.hpp>

namespace pool::flow {
namespace {

using namespace std::chrono_literals;
using autoscale::ThreadPool;
using ::testing::ElementsAre;
using testing::Gate;

void until(const std::function<bool()>& happened) {
  while (!happened()) std::this_thread::yield();
}

struct Every : ::testing::Test {
  Every()
      : pool([this] {
          autoscale::Options options;
          options.workers = 1;
          options.clock = &clock;
          options.on_error = [this](const std::exception_ptr&) { ++errors; };
          return options;
        }()) {}

  // A function that notes when it is called, in seconds from the start.
  std::function<void()> noting() {
    return [this] {
      const std::lock_guard lock(mutex);
      at.push_back((clock.now() - start) / 1s);
    };
  }
  // Lets time pass, until so many ticks have ended in all and the next one is waited for.
  void pass(const Periodic& periodic, Duration duration, std::uint64_t ticks) {
    clock.advance(duration);
    until([&] { return periodic.ticks() >= ticks; });
    until([&] { return periodic.over() || pool.job_host()->timer().pending() == 1; });
  }

  std::atomic<int> errors = 0;
  priority::ManualClock clock;
  const Time start = clock.now();
  std::mutex mutex;
  std::vector<long> at;  // guarded by mutex
  ThreadPool pool;
};

// S6.4
TEST_F(Every, TicksAtEachPeriodFromTheStart) {
  const Periodic periodic = every(pool, 10s, noting());
  pass(periodic, 10s, 1);
  pass(periodic, 10s, 2);
  pass(periodic, 10s, 3);
  EXPECT_THAT(at, ElementsAre(10, 20, 30));
  EXPECT_EQ(periodic.job().state(), JobState::running);
  EXPECT_EQ(periodic.missed(), 0U);
}

// A tick that comes late moves none after it.
TEST_F(Every, DoesNotDrift) {
  const Periodic periodic = every(pool, 10s, noting());
  pass(periodic, 13s, 1);
  pass(periodic, 9s, 2);
  pass(periodic, 8s, 3);
  EXPECT_THAT(at, ElementsAre(13, 22, 30));
  EXPECT_EQ(periodic.missed(), 0U);
}

TEST_F(Every, BeginsWhenItIsTold) {
  const Periodic now = every(pool, 10s, {.first = start}, noting());
  pass(now, 0s, 1);
  pass(now, 10s, 2);
  EXPECT_THAT(at, ElementsAre(0, 10));
}

TEST_F(Every, SkipsWhatItHasMissed) {
  const Periodic periodic = every(pool, 10s, noting());
  pass(periodic, 35s, 1);
  EXPECT_EQ(periodic.missed(), 2U) << "those of 20 and 30";
  pass(periodic, 5s, 2);
  EXPECT_THAT(at, ElementsAre(35, 40));
}

TEST_F(Every, CatchesUpWithWhatItHasMissed) {
  const Periodic periodic = every(pool, 10s, {.missed = Missed::catch_up}, noting());
  pass(periodic, 35s, 3);
  EXPECT_EQ(periodic.missed(), 0U);
  pass(periodic, 5s, 4);
  EXPECT_THAT(at, ElementsAre(35, 35, 35, 40));
}

TEST_F(Every, NeverOverlapsItself) {
  pool.shutdown();  // this test has two workers
  autoscale::Options options;
  options.workers = 2;
  options.clock = &clock;
  ThreadPool two(std::move(options));
  for (const Missed missed : {Missed::skip, Missed::catch_up}) {
    Gate gate;
    std::atomic<int> begun = 0;
    const Periodic periodic = every(two, 10s, {.missed = missed}, [&] {
      ++begun;
      gate.wait();
    });
    clock.advance(10s);
    until([&] { return begun == 1; });
    clock.advance(30s);
    two.submit([] {}).get();
    EXPECT_EQ(begun, 1);
    gate.open();
    until([&] { return periodic.ticks() == (missed == Missed::skip ? 1U : 4U); });
    periodic.cancel();
    periodic.wait();
  }
}

TEST_F(Every, ATickThatThrowsIsReportedAndTheNextOneComes) {
  const Periodic periodic = every(pool, 10s, [this] {
    noting()();
    throw std::runtime_error("boom");
  });
  pass(periodic, 10s, 1);
  pass(periodic, 10s, 2);
  pool.wait_idle();
  EXPECT_EQ(errors, 2);
  EXPECT_EQ(periodic.failed(), 2U);
  EXPECT_THAT(at, ElementsAre(10, 20));
}

TEST_F(Every, ACancelEndsItAndLeavesNothingBehind) {
  const auto alive = std::make_shared<int>(1);
  const Periodic periodic = every(pool, 10s, [alive, note = noting()] { note(); });
  pass(periodic, 10s, 1);
  EXPECT_TRUE(periodic.cancel("enough"));
  EXPECT_TRUE(periodic.over());
  EXPECT_EQ(periodic.job().info().reason, "enough");
  until([&] { return pool.job_host()->timer().pending() == 0; });  // the tick may be about to wait for the next one
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_FALSE(periodic.cancel());
  clock.advance(1h);
  pool.wait_idle();
  EXPECT_THAT(at, ElementsAre(10));
}

TEST_F(Every, ATickMayCancelIt) {
  std::optional<Periodic> periodic;
  std::atomic<bool> set = false;
  periodic = every(pool, 10s, [&] {
    until([&] { return set.load(); });
    periodic->cancel("from within");
    EXPECT_FALSE(periodic->over()) << "it still runs";
  });
  set = true;
  clock.advance(10s);
  periodic->wait();
  EXPECT_EQ(periodic->ticks(), 1U);
  EXPECT_EQ(periodic->job().info().reason, "from within");
}

TEST_F(Every, ATickThatRunsHearsOfTheCancelAndIsWaitedFor) {
  Gate begun, cancelled;
  const Periodic periodic = every(pool, 10s, [&](const CancelToken& token) {
    begun.open();
    token.wait(1h);
    EXPECT_EQ(token.reason(), "enough");
    cancelled.wait();  // so it has been stopped when it ends
  });
  clock.advance(10s);
  begun.wait();
  EXPECT_TRUE(periodic.cancel("enough"));
  cancelled.open();
  periodic.wait();
  EXPECT_EQ(periodic.ticks(), 1U);
}

TEST_F(Every, ATokenOrATimeoutEndsIt) {
  const priority::CancelSource source;
  PeriodicOptions with_token;
  with_token.job.token = source.token();
  const Periodic by_token = every(pool, 10s, with_token, [] {});
  source.cancel("enough");
  by_token.wait();
  EXPECT_EQ(by_token.job().info().reason, "enough");
  EXPECT_TRUE(every(pool, 10s, with_token, [] {}).over()) << "it was cancelled before";
  PeriodicOptions with_timeout;
  with_timeout.job.timeout = 15s;
  with_timeout.job.name = "for a while";
  const Periodic for_a_while = every(pool, 10s, with_timeout, [] {});
  clock.advance(15s);
  for_a_while.wait();
  EXPECT_EQ(for_a_while.job().info().reason, "timeout");
  EXPECT_EQ(for_a_while.job().name(), "for a while");
}

TEST_F(Every, EndsWithItsPool) {
  const Periodic periodic = every(pool, 10s, [] {});
  pool.shutdown();
  periodic.wait();
  EXPECT_EQ(periodic.job().info().reason, "shutdown");
  EXPECT_TRUE(every(pool, 10s, [] {}).over()) << "and afterwards, it is over at once";
}

TEST_F(Every, EndsWhenATickFindsThePoolClosed) {
  Gate gate;
  pool.post([&] { gate.wait(); });
  const Periodic periodic = every(pool, 10s, [] { ADD_FAILURE(); });
  EXPECT_FALSE(pool.shutdown_for(0s));
  EXPECT_TRUE(periodic.over());
  gate.open();
}

TEST_F(Every, GoesOnWithoutAHandle) {
  std::atomic<int> ticks = 0;
  static_cast<void>(every(pool, 10s, [&] { ++ticks; }));
  clock.advance(10s);
  until([&] { return ticks == 1; });
}

TEST_F(Every, RefusesAPeriodThatIsNoneAndAnEmptyFunction) {
  EXPECT_THROW(static_cast<void>(every(pool, 0s, [] {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(every(pool, -1s, [] {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(every(pool, 1s, std::function<void()>())), std::invalid_argument);
  const Periodic hardly_ever = every(pool, Duration::max(), [] { ADD_FAILURE(); });
  clock.advance(1h);
  EXPECT_FALSE(hardly_ever.over());
}

}  // namespace
}  // namespace pool::flow

// Jobs that wait for others, and for a time.
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
#include <pool/flow/after.hpp>
#include <pool/testing/gate.hpp>

namespace pool::flow {
namespace {

using namespace std::chrono_literals;
using autoscale::ThreadPool;
using priority::Cancelled;
using priority::make_job;
using testing::Gate;
using ::testing::HasSubstr;

autoscale::Options one() {
  autoscale::Options options;
  options.workers = 1;
  return options;
}

template <class R>
std::string reason_of(const Job<R>& job) {
  job.wait();
  return job.info().reason;
}

// S6.4
TEST(After, StartsWhenAllHaveCompletedAndSeesTheirResults) {
  ThreadPool pool(one());
  auto [first, a] = make_job<int>({.name = "a"});
  auto [second, b] = make_job<std::string>({.name = "b"});
  const Job<std::string> both = after(
      pool, {first, second}, [first = first, second = second] { return std::to_string(first.get()) + second.get(); });
  ASSERT_TRUE(a.start() && b.start());
  a.complete(1);
  pool.wait_idle();
  EXPECT_EQ(both.state(), JobState::queued);
  b.complete("two");
  EXPECT_EQ(both.get(), "1two");
}

TEST(After, StartsAtOnceIfAllHaveCompletedOrThereIsNone) {
  ThreadPool pool(one());
  const Job<int> done = pool.launch({}, [] { return 1; });
  done.wait();
  EXPECT_EQ(after(pool, {done, done}, [] { return 2; }).get(), 2);
  EXPECT_EQ(after(pool, std::vector<AnyJob>{}, [] { return 3; }).get(), 3);
}

// S6.4: the reason names the culprit, through the ones between.
TEST(After, IsCancelledIfOneFailsAndSoIsWhatComesAfterIt) {
  ThreadPool pool(one());
  const Job<void> parse = pool.launch({.name = "parse"}, [] { throw std::runtime_error("no such file"); });
  const Job<void> index = after(pool, {parse}, {.name = "index"}, [] { ADD_FAILURE(); });
  const Job<void> show = after(pool, {index}, {.name = "show"}, [] { ADD_FAILURE(); });
  EXPECT_EQ(reason_of(index), "dependency 'parse' failed: no such file");
  EXPECT_EQ(reason_of(show), "dependency 'parse' failed: no such file");
  EXPECT_THROW(show.get(), Cancelled);
}

TEST(After, IsCancelledIfOneIsCancelled) {
  ThreadPool pool(one());
  auto [first, producer] = make_job<int>({.name = "first"});
  const Job<void> second = after(pool, {first}, [] { ADD_FAILURE(); });
  first.cancel("not needed");
  EXPECT_EQ(reason_of(second), "dependency 'first' was cancelled: not needed");
}

TEST(After, NamesWhatIsNoException) {
  ThreadPool pool(one());
  const Job<void> odd = pool.launch({.name = "odd"}, [] { throw 7; });
  EXPECT_EQ(reason_of(after(pool, {odd}, [] {})), "dependency 'odd' failed: an exception that is no std::exception");
}

TEST(After, CanBeCancelledWhileItWaits) {
  ThreadPool pool(one());
  const auto alive = std::make_shared<int>(1);
  auto [first, producer] = make_job<int>();
  const Job<void> second = after(pool, {first}, [alive] { ADD_FAILURE(); });
  EXPECT_TRUE(second.cancel("not needed"));
  EXPECT_EQ(alive.use_count(), 1) << "what the closure holds goes at once";
  ASSERT_TRUE(producer.start());
  producer.complete(1);
  pool.wait_idle();
  EXPECT_EQ(reason_of(second), "not needed");
}

TEST(After, ATokenOrADeadlineEndsTheWait) {
  priority::ManualClock clock;
  autoscale::Options options = one();
  options.clock = &clock;
  ThreadPool pool(std::move(options));
  const priority::CancelSource source;
  auto [never, producer] = make_job<int>();
  const Job<void> with_token = after(pool, {never}, {.token = source.token()}, [] {});
  const Job<void> with_deadline = after(pool, {never}, {.deadline = clock.now() + 1s}, [] {});
  source.cancel("enough");
  EXPECT_EQ(reason_of(with_token), "enough");
  clock.advance(2s);
  EXPECT_EQ(reason_of(with_deadline), "deadline");
}

// Nobody waits for ever.
TEST(After, IsCancelledWhenThePoolIsShutDownWhileItWaits) {
  auto [never, producer] = make_job<int>();
  ThreadPool pool(one());
  const Job<void> waits = after(pool, {never}, [] {});
  const Job<void> follows = after(pool, {waits}, {.name = "b"}, [] {});
  pool.shutdown();
  EXPECT_EQ(reason_of(waits), "shutdown");
  EXPECT_THAT(reason_of(follows), ::testing::AnyOf("shutdown", HasSubstr("was cancelled: shutdown")));
  EXPECT_EQ(reason_of(after(pool, {never}, [] {})), "shutdown") << "and afterwards, too";
}

TEST(After, IsCancelledWhenAShutdownRunsOutOfPatience) {
  Gate gate;
  auto [never, producer] = make_job<int>();
  ThreadPool pool(one());
  pool.post([&] { gate.wait(); });
  const Job<void> waits = after(pool, {never}, [] {});
  EXPECT_FALSE(pool.shutdown_for(0s));
  EXPECT_EQ(waits.state(), JobState::cancelled) << "it does not wait for the destructor";
  EXPECT_EQ(waits.info().reason, "shutdown");
  gate.open();
}

TEST(After, IsRunWhileThePoolDrains) {
  Gate gate;
  ThreadPool pool(one());
  const Job<void> first = pool.launch({}, [&] { gate.wait(); });
  const Job<int> second = after(pool, {first}, [] { return 2; });
  const Job<int> third = after(pool, {second}, [] { return 3; });
  std::thread closing([&] { pool.shutdown(); });
  gate.open();
  closing.join();
  EXPECT_EQ(third.get(), 3);
}

TEST(After, NeedsNoRoom) {
  Gate gate;
  autoscale::Options options = one();
  options.capacity = 1;
  options.overflow = bounded::Overflow::reject;
  ThreadPool pool(std::move(options));
  const Job<void> first = pool.launch({}, [&] { gate.wait(); });
  while (first.state() == JobState::queued) std::this_thread::yield();
  pool.post([] {});
  const Job<int> second = after(pool, {first}, [] { return 2; });
  gate.open();
  EXPECT_EQ(second.get(), 2);
}

// H3
TEST(After, ALongChainFailsWithoutARecursion) {
  ThreadPool pool(one());
  auto [first, producer] = make_job<void>({.name = "first"});
  Job<void> last = first;
  std::vector<Job<void>> all;
  for (int i = 0; i < 20'000; ++i) all.push_back(last = after(pool, {last}, [] {}));
  ASSERT_TRUE(producer.start());
  producer.fail(std::make_exception_ptr(std::runtime_error("boom")));
  EXPECT_EQ(reason_of(last), "dependency 'first' failed: boom");
}

TEST(After, ALongChainCompletes) {
  ThreadPool pool(one());
  Job<int> last = pool.launch({}, [] { return 0; });
  for (int i = 0; i < 20'000; ++i) last = after(pool, {last}, [last] { return last.get() + 1; });
  EXPECT_EQ(last.get(), 20'000);
}

TEST(After, OfManyThatEndAtOnceOneQueuesIt) {
  ThreadPool pool({.workers = 4});
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> before = 0;
    std::vector<AnyJob> parts;
    for (int i = 0; i < 4; ++i) parts.emplace_back(pool.launch({}, [&] { ++before; }));
    EXPECT_EQ(after(pool, parts, [&] { return before.load(); }).get(), 4);
  }
}

TEST(After, RefusesAnEmptyFunction) {
  ThreadPool pool(one());
  EXPECT_THROW(static_cast<void>(after(pool, std::vector<AnyJob>{}, std::function<void()>())), std::invalid_argument);
}

// A dependency that nobody can end any more.
TEST(After, IsCancelledIfADependencyIsAbandoned) {
  ThreadPool pool(one());
  Job<void> second;
  {
    auto [first, producer] = make_job<int>({.name = "first"});
    second = after(pool, {first}, [] {});
  }
  EXPECT_EQ(reason_of(second), "dependency 'first' was cancelled: abandoned");
}

struct AtTheClock : ::testing::Test {
  AtTheClock()
      : pool([this] {
          autoscale::Options options = one();
          options.clock = &clock;
          return options;
        }()) {}
  priority::ManualClock clock;
  ThreadPool pool;
};

// S6.4
TEST_F(AtTheClock, StartsWhenItsTimeHasCome) {
  const Job<int> later = after(pool, 10s, [] { return 1; });
  const Job<int> sooner = at(pool, clock.now() + 5s, {.name = "sooner"}, [] { return 2; });
  clock.advance(5s);
  EXPECT_EQ(sooner.get(), 2);
  EXPECT_EQ(later.state(), JobState::queued);
  clock.advance(5s);
  EXPECT_EQ(later.get(), 1);
  EXPECT_EQ(after(pool, 0s, [] { return 3; }).get(), 3);
  EXPECT_EQ(at(pool, Time{}, [] { return 4; }).get(), 4) << "a time that has passed is now";
}

TEST_F(AtTheClock, ADelayedJobThatIsCancelledLeavesNothingBehind) {
  const auto alive = std::make_shared<int>(1);
  const Job<void> never = after(pool, 1h, [alive] { ADD_FAILURE(); });
  EXPECT_EQ(pool.job_host()->timer().pending(), 1U);
  EXPECT_TRUE(never.cancel());
  EXPECT_EQ(pool.job_host()->timer().pending(), 0U);
  EXPECT_EQ(alive.use_count(), 1);
  clock.advance(2h);
}

TEST_F(AtTheClock, ADelayedJobIsCancelledByAShutdown) {
  const Job<void> never = after(pool, 1h, [] { ADD_FAILURE(); });
  const Job<void> follows = after(pool, {never}, [] {});
  pool.shutdown();
  EXPECT_EQ(reason_of(never), "shutdown");
  follows.wait();
}

TEST_F(AtTheClock, RefusesANegativeDelayAndTakesTheLongest) {
  EXPECT_THROW(static_cast<void>(after(pool, -1s, [] {})), std::invalid_argument);
  const Job<void> never = after(pool, Duration::max(), [] {});
  EXPECT_EQ(never.state(), JobState::queued);
}

TEST_F(AtTheClock, JobsThatHaveEndedLeaveNoEntries) {
  auto [first, producer] = make_job<int>();
  std::vector<Job<int>> jobs;
  for (int i = 0; i < 10; ++i) jobs.push_back(after(pool, {first}, [] { return 1; }));
  EXPECT_EQ(pool.job_host()->timer().pending(), 10U);
  ASSERT_TRUE(producer.start());
  producer.complete(1);
  pool.wait_idle();
  EXPECT_EQ(pool.job_host()->timer().pending(), 0U);
}

}  // namespace
}  // namespace pool::flow

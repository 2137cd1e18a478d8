// A job that waits for others, under every interleaving of what ends the wait.
#include <memory>
#include <string>
#include <utility>

#include <pool/flow/held.hpp>
#include <pool/testing/explorer/test.hpp>

namespace pool::flow {
namespace {

using priority::make_job_of;
using priority::ManualClock;
using priority::Timer;
using priority::UnitPtr;
using sync::thread;

// A host without threads: what follows is run at once, by whoever hands it in.
class Host : public JobHost {
 public:
  priority::Clock& clock() override { return clock_; }
  Timer& timer() override { return timer_; }
  void withdraw(JobCore&) override {}
  void overran(const JobCore&) override {}
  bool follow_up(UnitPtr unit) override {
    followed.fetch_add(1, std::memory_order_relaxed);
    static_cast<void>(unit->run(0));
    return true;
  }
  sync::atomic<int> followed{0};

 private:
  ManualClock clock_;
  Timer timer_{clock_};
};

struct Waits {
  explicit Waits(std::size_t arrivals) {
    job = make_job_of(host, {}, [this] { sum = first.read() + second.read(); });
    held = std::make_shared<Held>(JobRef<JobCore>::share(*job), host, arrivals);
  }
  const std::shared_ptr<Host> host = std::make_shared<Host>();
  sync::cell<int> first{0}, second{0};
  int sum = 0;
  JobRef<priority::JobResult<void>> job;
  std::shared_ptr<Held> held;
};

// H1, and [arrived]: whoever comes last, the job sees what both have done.
EXPLORE(Held, TheLastArrivalQueuesItOnceAndItSeesBoth) {
  Waits waits(2);
  thread other([&] {
    waits.first.write() = 1;
    waits.held->arrive();
  });
  waits.second.write() = 2;
  waits.held->arrive();
  other.join();
  EXPECT_EQ(waits.job->state(), JobState::completed);
  EXPECT_EQ(waits.sum, 3);
  EXPECT_EQ(waits.host->followed.load(), 1);
}

// H2: a cancel against the last arrival.
EXPLORE(Held, ACancelAgainstTheLastArrivalHasOneWinner) {
  Waits waits(1);
  waits.first.write() = 1;
  thread other([&] { static_cast<void>(waits.job->cancel_if_queued("enough")); });
  waits.held->arrive();
  other.join();
  EXPECT_TRUE(has_ended(waits.job->state()));
  EXPECT_EQ(waits.job->state() == JobState::completed, waits.sum == 1);
}

// The timer, with its entry, goes while the last arrival comes.
EXPLORE_WITH(Held, TheEndOfThePoolAgainstTheLastArrival,
             (Explore{.strategy = Strategy::pct, .executions = 1500, .steps = 5000})) {
  Waits waits(1);
  Held::hold(waits.held);
  thread other([&] { waits.held->arrive(); });
  waits.host->timer().stop();
  other.join();
  EXPECT_TRUE(has_ended(waits.job->state()));
}

// Two dependencies fail at once: one of them is named.
EXPLORE(Held, OfTwoCulpritsOneIsNamed) {
  const auto host = std::make_shared<Host>();
  auto [a, end_a] = priority::make_job<void>({.name = "a"}, host);
  auto [b, end_b] = priority::make_job<void>({.name = "b"}, host);
  auto job = make_job_of(host, {}, [] {});
  auto held = std::make_shared<Held>(JobRef<JobCore>::share(*job), host, 2);
  a.on_end([held](const JobCore& ended) { held->arrive(ended); });
  b.on_end([held](const JobCore& ended) { held->arrive(ended); });
  held = nullptr;
  thread other([&a = a] { a.cancel("x"); });
  b.cancel("y");
  other.join();
  const std::string reason = job->info().reason;
  EXPECT_TRUE(reason == "dependency 'a' was cancelled: x" || reason == "dependency 'b' was cancelled: y") << reason;
}

}  // namespace
}  // namespace pool::flow

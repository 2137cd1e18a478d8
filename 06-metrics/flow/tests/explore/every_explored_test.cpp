// A periodic task that is stopped: while it waits, while its tick is queued, and while that runs.
#include <memory>
#include <utility>

#include <pool/flow/every.hpp>
#include <pool/testing/explorer/test.hpp>

namespace pool::flow {
namespace {

using priority::ManualClock;
using priority::Timer;
using priority::UnitPtr;
using sync::thread;

// A host whose ticks are run by the timer's thread.
class Host : public JobHost {
 public:
  ~Host() override { timer_.stop(); }
  priority::Clock& clock() override { return clock_; }
  Timer& timer() override { return timer_; }
  void withdraw(JobCore&) override {}
  void overran(const JobCore&) override {}
  bool follow_up(UnitPtr unit) override { return static_cast<void>(unit->run(0)), true; }
  ManualClock clock_;

 private:
  Timer timer_{clock_};
};

struct Stopped {
  Stopped() {
    auto [made, producer] = priority::make_job<void>({}, host);
    job = made;
    const Time now = host->clock_.now();
    ticker = std::make_shared<Ticker>(host, std::move(producer), std::chrono::seconds(10), now, Missed::skip,
                                      priority::Priority::normal, [this](const CancelToken&) {
                                        begun.fetch_add(1, std::memory_order_relaxed);
                                        done.write() += 1;
                                      });
    EXPLORE_CHECK(ticker->start());
  }
  const std::shared_ptr<Host> host = std::make_shared<Host>();
  sync::atomic<int> begun{0};
  sync::cell<int> done{0};  // a tick's; read by who has seen the end
  priority::Job<void> job;
  std::shared_ptr<Ticker> ticker;
};

// E2, [stop]: it ends once, no tick begins afterwards, and what the tick did is seen.
EXPLORE_WITH(Every, AStopAgainstATick, (Explore{.strategy = Strategy::pct, .executions = 3000, .steps = 8000})) {
  Stopped stopped;
  stopped.ticker->stop("enough");
  stopped.job.wait();
  const int begun = stopped.begun.load(std::memory_order_relaxed);
  EXPECT_EQ(stopped.done.read(), begun);
  stopped.host->timer().stop();
  EXPECT_EQ(stopped.begun.load(std::memory_order_relaxed), begun);
  EXPECT_EQ(stopped.job.info().reason, "enough");
}

EXPLORE_WITH(Every, TwoStopsAreOneEnd, (Explore{.strategy = Strategy::pct, .executions = 3000, .steps = 8000})) {
  Stopped stopped;
  thread other([&] { stopped.ticker->stop("one"); });
  stopped.ticker->stop("two");
  stopped.job.wait();
  other.join();
  EXPECT_EQ(stopped.job.state(), JobState::cancelled);
  stopped.host->timer().stop();
}

// Nobody keeps it when it is over: no entry, no tick, no job.
EXPLORE_WITH(Every, AStopLeavesNothing, (Explore{.strategy = Strategy::pct, .executions = 3000, .steps = 8000})) {
  Stopped stopped;
  thread other([&] { stopped.ticker->stop("enough"); });
  other.join();
  stopped.job.wait();
  stopped.host->timer().stop();
  EXPECT_EQ(stopped.ticker.use_count(), 1);
}

}  // namespace
}  // namespace pool::flow

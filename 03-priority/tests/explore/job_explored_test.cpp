// The life of a job under every interleaving. (The standard's stop types are opaque to the explorer: what goes through
// them is tested by forced schedules in cancellation_test.cpp.)
#include <pool/priority/job.hpp>
#include <pool/testing/explorer/test.hpp>

#include <memory>
#include <utility>

namespace pool::priority {
namespace {

using sync::thread;

// A host on a clock of its own, whose timer the tests do not start.
class Host : public JobHost {
 public:
  Clock& clock() override { return clock_; }
  Timer& timer() override { return timer_; }
  void withdraw(JobCore&) override { ++withdrawn; }
  void overran(const JobCore&) override {}
  sync::atomic<int> withdrawn{0};

 private:
  ManualClock clock_;
  Timer timer_{clock_};
};

EXPLORE(Job, CancelAgainstStartHasOneWinner) {
  const auto host = std::make_shared<Host>();
  int ran = 0;
  auto closure = [&] { ++ran; };
  JobRef<JobResult<void>> job(new JobTask<void, decltype(closure)>({}, host, closure));
  job->retain();
  UnitPtr unit(&*job);
  bool cancelled = false;
  thread canceller([&] { cancelled = job->cancel(reason::asked) && job->state() == JobState::cancelled; });
  const Ending ending = unit->run(0);
  canceller.join();
  EXPECT_EQ(ran, ending == Ending::completed ? 1 : 0);
  EXPECT_EQ(ending == Ending::skipped, job->state() == JobState::cancelled);
  EXPECT_EQ(host->withdrawn.load(), job->state() == JobState::cancelled ? 1 : 0);
  EXPECT_TRUE(!cancelled || ran == 0);
}

EXPLORE(Job, CancelFromTwoSidesIsOneCancellation) {
  const auto host = std::make_shared<Host>();
  auto closure = [] {};
  JobRef<JobResult<void>> job(new JobTask<void, decltype(closure)>({}, host, closure));
  thread other([&] { job->cancel("one"); });
  job->cancel("two");
  other.join();
  EXPECT_EQ(job->state(), JobState::cancelled);
  EXPECT_EQ(host->withdrawn.load(), 1);
}

EXPLORE(Job, WhoeverWaitsIsWokenAndSeesTheResult) {
  const auto host = std::make_shared<Host>();
  auto [job, producer] = make_job<int>({}, host);
  thread worker([&producer = producer] {
    EXPLORE_CHECK(producer.start());
    producer.complete(42);
  });
  EXPECT_EQ(job.get(), 42);
  worker.join();
}

EXPLORE(Job, WhoeverSeesTheEndSeesTheWork) {
  const auto host = std::make_shared<Host>();
  sync::cell<int> written{0};
  auto [job, producer] = make_job<int>({}, host);
  thread worker([&, &producer = producer] {
    EXPLORE_CHECK(producer.start());
    written.write() = 1;
    producer.complete(2);
  });
  EXPECT_TRUE(job.state() != JobState::completed || written.read() == 1);
  worker.join();
}

EXPLORE(Job, TwoMayWaitForIt) {
  const auto host = std::make_shared<Host>();
  auto [job, producer] = make_job<int>({}, host);
  EXPLORE_CHECK(producer.start());
  thread other([&job = job] { job.wait(); });
  thread worker([&producer = producer] { producer.complete(1); });
  job.wait();
  other.join();
  worker.join();
}

EXPLORE(Job, CancelAgainstEndLeavesOneEnding) {
  const auto host = std::make_shared<Host>();
  auto [job, producer] = make_job<int>({}, host);
  EXPLORE_CHECK(producer.start());
  thread canceller([&job = job] { job.cancel(); });
  producer.complete(1);
  canceller.join();
  EXPECT_EQ(job.state(), JobState::completed);
}

EXPLORE(Job, TheCallbackIsCalledOnce) {
  const auto host = std::make_shared<Host>();
  auto [job, producer] = make_job<int>({}, host);
  EXPLORE_CHECK(producer.start());
  sync::atomic<int> calls{0};
  thread worker([&producer = producer] { producer.complete(1); });
  job.on_end([&](const JobCore& core) {
    EXPECT_TRUE(has_ended(core.state()));
    ++calls;
  });
  worker.join();
  EXPECT_EQ(calls.load(), 1);
}

}  // namespace
}  // namespace pool::priority

// The life of a job under every interleaving. (The standard's stop types are opaque to the explorer: what goes through
// them is tested by forced schedules in cancellation_test.cpp.)
#include <pool/priority/job.hpp>
#include <pool/testing/explorer/test.hpp>

#include <memory>
#include <optional>
#include <string>
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

void see_the_end_and_the_work(bool attended) {
  const auto host = std::make_shared<Host>();
  sync::cell<int> written{0};
  auto [job, producer] = make_job<int>({}, host);
  if (attended) job.on_end([](const JobCore&) {});
  thread worker([&, &producer = producer] {
    EXPLORE_CHECK(producer.start());
    written.write() = 1;
    producer.complete(2);
  });
  EXPECT_TRUE(job.state() != JobState::completed || written.read() == 1);
  worker.join();
}

EXPLORE(Job, WhoeverSeesTheEndSeesTheWork) {
  see_the_end_and_the_work(false);
}

EXPLORE(Job, WhoeverSeesTheEndSeesTheWorkWhenSomebodyAttends) {
  see_the_end_and_the_work(true);
}

EXPLORE(Job, WhoeverHasWaitedSeesTheWork) {
  const auto host = std::make_shared<Host>();
  sync::cell<int> written{0};
  auto [job, producer] = make_job<void>({}, host);
  thread worker([&, &producer = producer] {
    EXPLORE_CHECK(producer.start());
    written.write() = 1;
    producer.complete();
  });
  job.wait();
  EXPECT_EQ(written.read(), 1);
  worker.join();
}

EXPLORE(Job, AnInfoIsOfOneMoment) {
  const auto host = std::make_shared<Host>();
  auto [job, producer] = make_job<int>({}, host);
  thread worker([&producer = producer] {
    EXPLORE_CHECK(producer.start(3));
    producer.cancel("enough");
  });
  const JobInfo info = job.info();
  EXPECT_EQ(info.started.has_value(), info.state != JobState::queued);
  EXPECT_EQ(info.worker, info.started ? std::optional<std::size_t>(3) : std::nullopt);
  EXPECT_EQ(info.finished.has_value(), has_ended(info.state));
  EXPECT_EQ(info.reason, has_ended(info.state) ? "enough" : "");
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
  bool asked = false;
  thread canceller([&, &job = job] { asked = job.cancel("enough"); });
  producer.complete(1);
  const std::string reason = job.info().reason;
  canceller.join();
  EXPECT_EQ(job.state(), JobState::completed);
  EXPECT_EQ(job.info().reason, reason) << "nothing changes after the end";
  EXPECT_EQ(reason, asked ? "enough" : "");
}

EXPLORE(Job, CancelAgainstAProducerThatGoesLeavesOneEnding) {
  const auto host = std::make_shared<Host>();
  auto [job, producer] = make_job<int>({}, host);
  thread canceller([&job = job] { job.cancel("enough"); });
  { const JobProducer<int> gone = std::move(producer); }
  canceller.join();
  EXPECT_EQ(job.state(), JobState::cancelled);
  const std::string why = job.info().reason;
  EXPECT_TRUE(why == "enough" || why == reason::abandoned) << why;
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

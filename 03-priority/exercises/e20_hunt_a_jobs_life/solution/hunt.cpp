// Tests of the stage's jobs. Yours to write: they pass on the job as it is, and fail on each of its mutants.
//
// The four mutants, as their authors would describe them in a review:
//   "cancel_if_queued(): whoever waits should not have to wait for a destructor. I end the job first."
//   "on_end(): the state is atomic. I look at it before I take the lock."
//   "cancel(): the copy of the source is superfluous. I cancel it with the lock held."
//   "end(): a reason that comes with the end is the newest, and is kept."
#include <memory>
#include <string>
#include <utility>

#include <pool/priority/job.hpp>
#include <pool/testing/explorer/test.hpp>

using pool::priority::CancelToken;
using pool::priority::Ending;
using pool::priority::Job;
using pool::priority::JobCore;
using pool::priority::JobHost;
using pool::priority::JobRef;
using pool::priority::JobResult;
using pool::priority::JobState;
using pool::priority::JobTask;
using pool::priority::make_job;
using pool::sync::cell;
using pool::sync::thread;

namespace {

// What a job needs of a pool, where there is none.
class Host : public JobHost {
 public:
  pool::priority::Clock& clock() override { return clock_; }
  pool::priority::Timer& timer() override { return timer_; }
  void withdraw(JobCore&) override {}
  void overran(const JobCore&) override {}

 private:
  pool::priority::ManualClock clock_;
  pool::priority::Timer timer_{clock_};
};

// A job with a closure, as a worker would get it: run(0) runs it, cancel("why") cancels it,
// wait(pool::bounded::Deadline::never()) waits.
template <class F>
JobRef<JobResult<void>> job_of(F f) {
  return JobRef<JobResult<void>>(new JobTask<void, F>({}, std::make_shared<Host>(), std::move(f)));
}

// Writes when it is destroyed.
struct Leaves {
  explicit Leaves(cell<bool>& there) : gone(&there) {}
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;
  ~Leaves() { gone->write() = true; }
  cell<bool>* gone;
};

}  // namespace

// An example: a job and its producer, make_job(), which is a job without a closure.
EXPLORE(Hunt, AResultArrives) {
  auto [job, producer] = make_job<int>({}, std::make_shared<Host>());
  thread worker([&producer = producer] {
    EXPLORE_CHECK(producer.start());
    producer.complete(42);
  });
  EXPLORE_CHECK(job.get() == 42);
  worker.join();
}

EXPLORE(Hunt, ACancelledClosureIsGoneWhenTheEndIsSeen) {
  // #todo who waits, and what does it look at then?
  cell<bool> gone{false};
  const auto job = job_of([held = std::make_shared<Leaves>(gone)] {});
  thread canceller([&] { job->cancel("asked"); });
  static_cast<void>(job->wait(pool::bounded::Deadline::never()));
  EXPLORE_CHECK(gone.read());
  canceller.join();
  // #end
}

EXPLORE(Hunt, TheCallbackIsCalledOnceWheneverItComes) {
  // #todo against whom does on_end() race, and what is lost?
  auto [job, producer] = make_job<int>({}, std::make_shared<Host>());
  EXPLORE_CHECK(producer.start());
  int calls = 0;
  thread worker([&producer = producer] { producer.complete(1); });
  job.on_end([&](const JobCore&) { ++calls; });
  worker.join();
  EXPLORE_CHECK(calls == 1);
  // #end
}

EXPLORE(Hunt, WhoeverIsCalledBackMayAskTheJob) {
  // #todo whose code runs when a token is cancelled, and what would it like to know?
  auto [job, producer] = make_job<int>({}, std::make_shared<Host>());
  EXPLORE_CHECK(producer.start());
  std::string seen;
  const auto callback = producer.token().on_cancel([&seen, &job = job] { seen = job.info().reason; });
  EXPLORE_CHECK(job.cancel("enough"));
  EXPLORE_CHECK(seen == "enough");
  producer.complete(1);
  // #end
}

EXPLORE(Hunt, TheFirstReasonStays) {
  // #todo who gives a reason, and who gives another one after it?
  auto [job, producer] = make_job<int>({}, std::make_shared<Host>());
  EXPLORE_CHECK(producer.start());
  EXPLORE_CHECK(job.cancel("too slow"));
  producer.cancel("as you wish");
  EXPLORE_CHECK(job.state() == JobState::cancelled);
  EXPLORE_CHECK(job.info().reason == "too slow");
  // #end
}

// #todo
// Why this. J3 says "before the job has ended", and only another thread can see a wrong order: one that waits, and
// looks at what the closure leaves behind. What it looks at is a cell, so even where the value happens to be right, the
// explorer reports that nothing orders the two. The callback is lost in one place only: on_end() has seen that the job
// runs, the job ends and finds no callback, and then the callback is put where nobody will look again. That is the lost
// wake-up of chapter 1 in other clothes, and the cure is the same: look and put under one lock.
//
// The third needs one thread: J4 is broken as soon as code of the user runs under the lock, and the test is whatever
// such code may do that needs the lock. Here it asks why it was cancelled, which is what such code does. The fourth is
// no race at all. Not every mutant of concurrent code is.
// #end

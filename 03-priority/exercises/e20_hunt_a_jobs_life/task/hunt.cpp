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
#include <pool/testing/todo.hpp>

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
  POOL_TODO("who waits, and what does it look at then?");
}

EXPLORE(Hunt, TheCallbackIsCalledOnceWheneverItComes) {
  POOL_TODO("against whom does on_end() race, and what is lost?");
}

EXPLORE(Hunt, WhoeverIsCalledBackMayAskTheJob) {
  POOL_TODO("whose code runs when a token is cancelled, and what would it like to know?");
}

EXPLORE(Hunt, TheFirstReasonStays) {
  POOL_TODO("who gives a reason, and who gives another one after it?");
}

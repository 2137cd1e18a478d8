// One winner in every interleaving, and nothing left behind when the end is seen. What the work writes lies in cells:
// the explorer reports a race if nothing orders it before the end.
#include <e16_cancel_against_start/job.hpp>

#include <memory>

#include <pool/testing/explorer/test.hpp>

using exercise::Job;
using exercise::State;
using pool::sync::cell;
using pool::sync::thread;

namespace {

// Writes when it is destroyed.
struct Leaves {
  explicit Leaves(cell<bool>& there) : gone(&there) {}
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;
  ~Leaves() { gone->write() = true; }
  cell<bool>* gone;
};

}  // namespace

EXPLORE(Job, RunsOnce) {
  int ran = 0;
  Job job([&] { ++ran; });
  EXPLORE_CHECK(job.state() == State::queued);
  EXPLORE_CHECK(job.run());
  EXPLORE_CHECK(!job.run());
  EXPLORE_CHECK(!job.cancel());
  EXPLORE_CHECK(ran == 1 && job.state() == State::completed);
}

EXPLORE(Job, CancelledFirstItNeverRuns) {
  int ran = 0;
  Job job([&] { ++ran; });
  EXPLORE_CHECK(job.cancel());
  EXPLORE_CHECK(!job.cancel());
  EXPLORE_CHECK(!job.run());
  EXPLORE_CHECK(ran == 0 && job.state() == State::cancelled);
}

EXPLORE(Job, WhileItRunsItIsRunningAndItIsTooLateToCancel) {
  Job* self = nullptr;
  bool cancelled = true;
  State seen{};
  Job job([&] {
    seen = self->state();
    cancelled = self->cancel();
  });
  self = &job;
  EXPLORE_CHECK(job.run());
  EXPLORE_CHECK(seen == State::running && !cancelled);
  EXPLORE_CHECK(job.state() == State::completed);
}

EXPLORE(Job, CancelAgainstStartHasOneWinner) {
  int ran = 0;
  Job job([&] { ++ran; });
  bool cancelled = false;
  thread canceller([&] { cancelled = job.cancel(); });
  const bool started = job.run();
  canceller.join();
  EXPLORE_CHECK(started != cancelled);
  EXPLORE_CHECK(ran == (started ? 1 : 0));
  EXPLORE_CHECK(job.state() == (started ? State::completed : State::cancelled));
}

EXPLORE(Job, TwoCancelsAreOneCancellation) {
  Job job([] {});
  bool other = false;
  thread canceller([&] { other = job.cancel(); });
  const bool mine = job.cancel();
  canceller.join();
  EXPLORE_CHECK(mine != other);
}

EXPLORE(Job, TwoWorkersRunItOnce) {
  int ran = 0;
  Job job([&] { ++ran; });
  bool other = false;
  thread worker([&] { other = job.run(); });
  const bool mine = job.run();
  worker.join();
  EXPLORE_CHECK(mine != other && ran == 1);
}

EXPLORE(Job, WhatItDidIsSeenAtTheEnd) {
  cell<int> result{0};
  Job job([&] { result.write() = 42; });
  thread worker([&] { EXPLORE_CHECK(job.run()); });
  EXPLORE_CHECK(job.wait() == State::completed);
  EXPLORE_CHECK(result.read() == 42);
  worker.join();
}

EXPLORE(Job, WhenItIsCompletedTheClosureIsGone) {
  cell<bool> gone{false};
  Job job([held = std::make_shared<Leaves>(gone)] {});
  thread worker([&] { EXPLORE_CHECK(job.run()); });
  EXPLORE_CHECK(job.wait() == State::completed);
  EXPLORE_CHECK(gone.read());
  worker.join();
}

EXPLORE(Job, WhenItIsCancelledTheClosureIsGone) {
  cell<bool> gone{false};
  Job job([held = std::make_shared<Leaves>(gone)] {});
  thread canceller([&] { EXPLORE_CHECK(job.cancel()); });
  EXPLORE_CHECK(job.wait() == State::cancelled);
  EXPLORE_CHECK(gone.read());
  canceller.join();
}

// The pool of stage 03 with one worker, its jobs and those who cancel them, under every interleaving.
#include <pool/priority/thread_pool.hpp>
#include <pool/testing/explored_jobs.hpp>
#include <pool/testing/explorer/test.hpp>

namespace pool::priority {
namespace {

EXPLORE(PriorityPool, CancelAgainstAWorkerHasOneWinner) {
  testing::cancel_against_a_worker<ThreadPool>();
}

EXPLORE_WITH(PriorityPool, CancelAgainstDiscardIsOneEnding, (Explore{.preemptions = 1})) {
  testing::cancel_against_discard<ThreadPool>();
}

EXPLORE_WITH(PriorityPool, ACancelledJobMakesRoomForWhoeverWaits, (Explore{.preemptions = 1})) {
  testing::cancel_against_a_wait_for_room<ThreadPool>();
}

EXPLORE_WITH(PriorityPool, WaitIdleDoesNotWaitForWhatWasCancelled, (Explore{.preemptions = 1})) {
  testing::cancel_against_wait_idle<ThreadPool>();
}

EXPLORE(PriorityPool, NorForWhatIsCancelledInTheCallersHands) {
  testing::cancel_in_the_callers_hands<ThreadPool>();
}

EXPLORE_WITH(PriorityPool, TheTotalsNeverContradictThemselves,
             (Explore{.strategy = Strategy::random, .executions = 3000})) {
  testing::totals_while_a_job_fails<ThreadPool>();
}

EXPLORE_WITH(PriorityPool, NoMoreIsCancelledThanWasSubmitted,
             (Explore{.strategy = Strategy::random, .executions = 3000})) {
  testing::totals_while_a_job_is_cancelled<ThreadPool>();
}

EXPLORE_WITH(PriorityPool, ShutdownForEndsWhatRunsAndWhatIsQueued, (Explore{.preemptions = 1})) {
  testing::shutdown_for_against_jobs<ThreadPool>(testing::Drops::at_once);
}

}  // namespace
}  // namespace pool::priority

// Your pool against the contract of work-stealing pools: who takes part, and who is woken.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/counts_scheduling.hpp>
#include <pool/testing/contract/steals.hpp>
#include <pool/testing/contract/wakes_workers.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolSteals, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolWakesWorkers, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolCountsScheduling, Pools);

}  // namespace pool::testing

// Your pool against the contract of work-stealing pools: jobs that wait for jobs.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/recurses.hpp>
#include <pool/testing/contract/waits_for_ends.hpp>
#include <pool/testing/contract/waits_for_futures.hpp>
#include <pool/testing/contract/waits_inside.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolWaitsInside, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolWaitsForEnds, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolWaitsForFutures, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolRecurses, Pools);

}  // namespace pool::testing

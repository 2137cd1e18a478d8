// Your pool against the contracts of bounded pools and of pools with jobs: what it says of itself, and when it is idle.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/counts_totals.hpp>
#include <pool/testing/contract/idles.hpp>
#include <pool/testing/contract/keeps_statistics.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolIdles, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolKeepsStatistics, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolCountsTotals, Pools);

}  // namespace pool::testing

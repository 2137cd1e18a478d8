// Your pool against the contract of bounded pools: what it says of itself, and when it is idle.
#include <e14_bounded_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/idles.hpp>
#include <pool/testing/contract/keeps_statistics.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolIdles, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolKeepsStatistics, Pools);

}  // namespace pool::testing

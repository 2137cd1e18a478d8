// Your pool against the contract of scaling pools: how many workers there are, and who decides on it.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/asks_a_policy.hpp>
#include <pool/testing/contract/scales.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolScales, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolAsksAPolicy, Pools);

}  // namespace pool::testing

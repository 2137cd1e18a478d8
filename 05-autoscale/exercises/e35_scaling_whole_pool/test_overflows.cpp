// Your pool against the contract of bounded pools: what happens when it is full.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/overflows.hpp>
#include <pool/testing/contract/tries.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolOverflows, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolTries, Pools);

}  // namespace pool::testing

// Your pool against the contract of pools with priorities: which work starts next, and how fast it may come.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/priorities.hpp>
#include <pool/testing/contract/rates.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolPriorities, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolRates, Pools);

}  // namespace pool::testing

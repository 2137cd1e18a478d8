// Your pool against the contract of all pools: jobs, closures and callbacks that throw.
#include <e6_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/failures.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolFailures, Pools);

}  // namespace pool::testing

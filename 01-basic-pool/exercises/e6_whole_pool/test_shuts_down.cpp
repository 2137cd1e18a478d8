// Your pool against the contract of all pools: the end.
#include <e6_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/shuts_down.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolShutsDown, Pools);

}  // namespace pool::testing

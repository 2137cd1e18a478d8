// Your pool against the contract of scaling pools: jobs that end their threads, and threads that cannot be created.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/lacks_threads.hpp>
#include <pool/testing/contract/recovers.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolRecovers, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolLacksThreads, Pools);

}  // namespace pool::testing

// Your pool against the contract of work-stealing pools: which work starts next, and many pieces of it at once.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/bulk_limits.hpp>
#include <pool/testing/contract/bulks.hpp>
#include <pool/testing/contract/orders_work.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolOrdersWork, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolBulks, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolLimitsBulks, Pools);

}  // namespace pool::testing

// Your pool against the contract of pools with jobs: what a job knows about itself, and how it is cancelled.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/cancels.hpp>
#include <pool/testing/contract/jobs.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolJobs, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolCancels, Pools);

}  // namespace pool::testing

// Your pool against the contract of all pools, here and in test_failures.cpp and test_shuts_down.cpp: the tests that judge
// the stage's own.
#include <e6_whole_pool/thread_pool.hpp>

#include <pool/testing/contract/guarantees.hpp>
#include <pool/testing/contract/runs_work.hpp>
#include <pool/testing/contract/workers.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolRunsWork, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolWorkers, Pools);
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolGuarantees, Pools);

}  // namespace pool::testing

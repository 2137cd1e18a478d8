// Your pool against the contract of pools that know their tasks: the tests that the stage's own passes, too.
#include <e40_registered_pool/thread_pool.hpp>

#include <pool/testing/contract/registers.hpp>

namespace pool::testing {

using Pools = ::testing::Types<exercise::ThreadPool>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mine, PoolRegisters, Pools);

}  // namespace pool::testing

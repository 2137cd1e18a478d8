// Your pool against the contract of all pools, and in test_overflows.cpp and test_counts.cpp against that of bounded ones:
// the tests that judge the stage's own.
#include <e14_bounded_whole_pool/thread_pool.hpp>

#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Mine, exercise::ThreadPool);

}  // namespace pool::testing

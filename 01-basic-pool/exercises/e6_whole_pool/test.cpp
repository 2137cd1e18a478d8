// Your pool against the contract of all pools: the tests that judge the stage's own.
#include <e6_whole_pool/thread_pool.hpp>

#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Mine, exercise::ThreadPool);

}  // namespace pool::testing

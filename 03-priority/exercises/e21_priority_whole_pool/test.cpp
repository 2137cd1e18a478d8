// Your pool against the contract of all pools, and in the files beside this one against that of bounded pools and that of
// pools with priorities and jobs: the tests that judge the stage's own.
#include <e21_priority_whole_pool/thread_pool.hpp>

#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Mine, exercise::ThreadPool);

}  // namespace pool::testing

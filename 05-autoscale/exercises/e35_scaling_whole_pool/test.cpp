// Your pool against the contract of all pools, and in the files beside this one against those of bounded pools, of
// pools with priorities and jobs, of work-stealing and of scaling pools: the tests that judge the stage's own.
#include <e35_scaling_whole_pool/thread_pool.hpp>

#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Mine, exercise::ThreadPool);

}  // namespace pool::testing

// The pool of stage 01 against the contract of all pools.
#include <pool/basic/thread_pool.hpp>
#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Basic, basic::ThreadPool);

}  // namespace pool::testing

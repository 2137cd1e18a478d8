// The pool of stage 03 against the contract of stage 01.
#include <pool/priority/thread_pool.hpp>
#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Priority, priority::ThreadPool);

}  // namespace pool::testing

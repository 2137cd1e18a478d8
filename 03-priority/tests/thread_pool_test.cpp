// The pool of stage 03 against its own contract.
#include <pool/priority/thread_pool.hpp>
#include <pool/testing/priority_contract.hpp>

namespace pool::testing {

POOL_PRIORITY_CONTRACT(Priority, priority::ThreadPool);

}  // namespace pool::testing

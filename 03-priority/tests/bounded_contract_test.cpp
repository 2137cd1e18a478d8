// The pool of stage 03 against the contract of stage 02.
#include <pool/priority/thread_pool.hpp>
#include <pool/testing/bounded_contract.hpp>

namespace pool::testing {

POOL_BOUNDED_CONTRACT(Priority, priority::ThreadPool);

}  // namespace pool::testing

// The pool of stage 02 against the contract of bounded pools.
#include <pool/bounded/thread_pool.hpp>
#include <pool/testing/bounded_contract.hpp>

namespace pool::testing {

POOL_BOUNDED_CONTRACT(Bounded, bounded::ThreadPool);

}  // namespace pool::testing

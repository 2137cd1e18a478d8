// The pool of stage 02 against the contract of all pools, and against that of bounded ones.
#include <pool/bounded/thread_pool.hpp>
#include <pool/testing/bounded_contract.hpp>
#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Bounded, bounded::ThreadPool);
POOL_BOUNDED_CONTRACT(Bounded, bounded::ThreadPool);

}  // namespace pool::testing

// The pool of stage 02 against the contract of all pools: what stage 01 promised still holds.
#include <pool/bounded/thread_pool.hpp>
#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Bounded, bounded::ThreadPool);

}  // namespace pool::testing

// The pool of stage 04 against the contract of stage 02.
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/bounded_contract.hpp>

namespace pool::testing {

POOL_BOUNDED_CONTRACT(Stealing, stealing::ThreadPool);

}  // namespace pool::testing

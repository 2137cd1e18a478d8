// The pool of stage 04 against the contract of stage 03.
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/priority_contract.hpp>

namespace pool::testing {

POOL_PRIORITY_CONTRACT(Stealing, stealing::ThreadPool);

}  // namespace pool::testing

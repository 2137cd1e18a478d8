// The pool of stage 04 against the contract of stage 01.
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Stealing, stealing::ThreadPool);

}  // namespace pool::testing

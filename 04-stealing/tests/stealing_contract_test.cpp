// The pool of stage 04 against its own contract.
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/stealing_contract.hpp>

namespace pool::testing {

POOL_STEALING_CONTRACT(Stealing, stealing::ThreadPool);

}  // namespace pool::testing

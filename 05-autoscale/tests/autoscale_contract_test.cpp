// The pool of stage 05 against its own contract.
#include <pool/testing/autoscale_contract.hpp>

#include <pool/autoscale/thread_pool.hpp>

namespace pool::testing {

POOL_AUTOSCALE_CONTRACT(Autoscale, autoscale::ThreadPool);

}  // namespace pool::testing

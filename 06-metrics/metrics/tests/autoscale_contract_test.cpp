// The pool of stage 06 against the contract of stage 05.
#include <pool/testing/autoscale_contract.hpp>

#include <pool/metrics/thread_pool.hpp>

namespace pool::testing {

POOL_AUTOSCALE_CONTRACT(Metrics, metrics::ThreadPool);

}  // namespace pool::testing

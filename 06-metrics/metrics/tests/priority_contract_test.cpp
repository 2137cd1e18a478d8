// The pool of stage 06 against the contract of stage 03: with a fixed size, and between two.
#include "sizes.hpp"

#include <pool/testing/priority_contract.hpp>

namespace pool::testing {

POOL_PRIORITY_CONTRACT(Metrics, metrics::ThreadPool, ScalingPool);

}  // namespace pool::testing

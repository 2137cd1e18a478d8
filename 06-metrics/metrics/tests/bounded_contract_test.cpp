// The pool of stage 06 against the contract of stage 02: with a fixed size, and between two.
#include "sizes.hpp"

#include <pool/testing/bounded_contract.hpp>

namespace pool::testing {

POOL_BOUNDED_CONTRACT(Metrics, metrics::ThreadPool, ScalingPool);

}  // namespace pool::testing

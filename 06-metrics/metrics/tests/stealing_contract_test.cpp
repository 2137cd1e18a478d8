// The pool of stage 06 against the contract of stage 04: with a fixed size, and between two.
#include "sizes.hpp"

#include <pool/testing/stealing_contract.hpp>

namespace pool::testing {

POOL_STEALING_CONTRACT(Metrics, metrics::ThreadPool, ScalingPool);

}  // namespace pool::testing

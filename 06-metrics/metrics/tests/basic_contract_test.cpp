// The pool of stage 06 against the contract of stage 01: with a fixed size, and between two.
#include "sizes.hpp"

#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Metrics, metrics::ThreadPool, ScalingPool);

}  // namespace pool::testing

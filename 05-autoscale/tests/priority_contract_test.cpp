// The pool of stage 05 against the contract of stage 03: with a fixed size, and between two.
#include "sizes.hpp"

#include <pool/testing/priority_contract.hpp>

namespace pool::testing {

POOL_PRIORITY_CONTRACT(Autoscale, autoscale::ThreadPool, ScalingPool);

}  // namespace pool::testing

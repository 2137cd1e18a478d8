// The pool of stage 05 against the contract of stage 04: with a fixed size, and between two.
#include "sizes.hpp"

#include <pool/testing/stealing_contract.hpp>

namespace pool::testing {

POOL_STEALING_CONTRACT(Autoscale, autoscale::ThreadPool, ScalingPool);

}  // namespace pool::testing

// The pool of stage 05 against the contract of stage 01: with a fixed size, and between two.
#include "sizes.hpp"

#include <pool/testing/contract.hpp>

namespace pool::testing {

POOL_CONTRACT(Autoscale, autoscale::ThreadPool, ScalingPool);

}  // namespace pool::testing

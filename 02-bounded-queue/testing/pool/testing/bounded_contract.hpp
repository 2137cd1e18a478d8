// The contract of a bounded pool, as tests. The pools of stage 02 and later pass them, and so does the reader's own:
//
//   POOL_BOUNDED_CONTRACT(Bounded, pool::bounded::ThreadPool);
//
// A pool P has what pool::bounded::BoundedExecutor asks for, and P::Options has `capacity` and `overflow`. It passes
// POOL_CONTRACT as well. No test sleeps; a test that hangs ends by the watchdog.
#pragma once

#include <pool/testing/contract/idles.hpp>
#include <pool/testing/contract/keeps_statistics.hpp>
#include <pool/testing/contract/overflows.hpp>
#include <pool/testing/contract/tries.hpp>

#define POOL_BOUNDED_CONTRACT(Name, ...)                                                 \
  using Name##BoundedContractTypes = ::testing::Types<__VA_ARGS__>;                      \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolOverflows, Name##BoundedContractTypes);       \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolTries, Name##BoundedContractTypes);           \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolKeepsStatistics, Name##BoundedContractTypes); \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolIdles, Name##BoundedContractTypes)

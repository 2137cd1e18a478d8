// The contract of a pool whose workers come and go, as tests. The pools of stage 05 and later pass them, and so does the
// reader's own:
//
//   POOL_AUTOSCALE_CONTRACT(Autoscale, pool::autoscale::ThreadPool);
//
// A pool P has the options min_workers, max_workers, policy, interval and idle_timeout, and blocking(), scale_to(),
// events() and default_workers(). It passes the contracts of stages 01 to 04 as well. One file of a program may include
// this, for contract/lacks_threads.hpp is in it.
#pragma once

#include <pool/testing/contract/asks_a_policy.hpp>
#include <pool/testing/contract/lacks_threads.hpp>
#include <pool/testing/contract/recovers.hpp>
#include <pool/testing/contract/scales.hpp>

#define POOL_AUTOSCALE_CONTRACT(Name, ...)                                             \
  using Name##AutoscaleContractTypes = ::testing::Types<__VA_ARGS__>;                  \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolScales, Name##AutoscaleContractTypes);      \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolRecovers, Name##AutoscaleContractTypes);    \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolAsksAPolicy, Name##AutoscaleContractTypes); \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolLacksThreads, Name##AutoscaleContractTypes)

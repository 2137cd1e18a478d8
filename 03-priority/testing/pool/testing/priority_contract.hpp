// The contract of a pool with priorities and jobs, as tests. The pools of stage 03 and later pass them, and so does the
// reader's own:
//
//   POOL_PRIORITY_CONTRACT(Priority, pool::priority::ThreadPool);
//
// A pool P has launch(), post and submit with a priority, totals(), wait_all(), shutdown_for(), and P::Options has
// `ageing`, `clock` and `rate`. It passes POOL_CONTRACT and POOL_BOUNDED_CONTRACT as well.
#pragma once

#include <pool/testing/contract/cancels.hpp>
#include <pool/testing/contract/counts_totals.hpp>
#include <pool/testing/contract/jobs.hpp>
#include <pool/testing/contract/priorities.hpp>
#include <pool/testing/contract/rates.hpp>

#define POOL_PRIORITY_CONTRACT(Name, ...)                                              \
  using Name##PriorityContractTypes = ::testing::Types<__VA_ARGS__>;                   \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolPriorities, Name##PriorityContractTypes);   \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolJobs, Name##PriorityContractTypes);         \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolCancels, Name##PriorityContractTypes);      \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolCountsTotals, Name##PriorityContractTypes); \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolRates, Name##PriorityContractTypes)

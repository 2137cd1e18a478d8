// The contract of a work-stealing pool, as tests. The pools of stage 04 and later pass them, and so does the reader's
// own:
//
//   POOL_STEALING_CONTRACT(Stealing, pool::stealing::ThreadPool);
//
// A pool P has post_bulk(), submit_bulk(), wait(future), scheduling() and current_worker(), and its jobs may wait for
// its jobs. It passes POOL_CONTRACT, POOL_BOUNDED_CONTRACT and POOL_PRIORITY_CONTRACT as well.
#pragma once

#include <pool/testing/contract/bulk_limits.hpp>
#include <pool/testing/contract/bulks.hpp>
#include <pool/testing/contract/counts_scheduling.hpp>
#include <pool/testing/contract/orders_work.hpp>
#include <pool/testing/contract/recurses.hpp>
#include <pool/testing/contract/steals.hpp>
#include <pool/testing/contract/waits_for_ends.hpp>
#include <pool/testing/contract/waits_for_futures.hpp>
#include <pool/testing/contract/waits_inside.hpp>
#include <pool/testing/contract/wakes_workers.hpp>

#define POOL_STEALING_CONTRACT(Name, ...)                                                 \
  using Name##StealingContractTypes = ::testing::Types<__VA_ARGS__>;                      \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolSteals, Name##StealingContractTypes);          \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolWakesWorkers, Name##StealingContractTypes);    \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolOrdersWork, Name##StealingContractTypes);      \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolWaitsInside, Name##StealingContractTypes);     \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolWaitsForEnds, Name##StealingContractTypes);    \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolWaitsForFutures, Name##StealingContractTypes); \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolRecurses, Name##StealingContractTypes);        \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolBulks, Name##StealingContractTypes);           \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolLimitsBulks, Name##StealingContractTypes);     \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolCountsScheduling, Name##StealingContractTypes)

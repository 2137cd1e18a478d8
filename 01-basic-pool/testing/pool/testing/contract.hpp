// The contract of a basic pool, as tests. Every pool of the series passes them, and so does the reader's own:
//
//   POOL_CONTRACT(Basic, pool::basic::ThreadPool);
//
// A pool P has what pool::basic::Executor asks for, P::Options with `workers`, `name`, `on_error`, `on_start`,
// `on_stop`, and throws pool::basic::PoolStopped and PoolError. No test sleeps; a test that hangs ends by the watchdog.
#pragma once

#include <pool/testing/contract/failures.hpp>
#include <pool/testing/contract/guarantees.hpp>
#include <pool/testing/contract/runs_work.hpp>
#include <pool/testing/contract/shuts_down.hpp>
#include <pool/testing/contract/workers.hpp>

#define POOL_CONTRACT(Name, ...)                                            \
  using Name##ContractTypes = ::testing::Types<__VA_ARGS__>;                \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolRunsWork, Name##ContractTypes);  \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolWorkers, Name##ContractTypes);   \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolFailures, Name##ContractTypes);  \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolShutsDown, Name##ContractTypes); \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolGuarantees, Name##ContractTypes)

// every_allocation_fails: a life in which the first allocation fails, one in which the second does, and so on, until
// one has come through without a failure.
//
//   every_allocation_fails<Outcome>(
//       [](Outcome& outcome) { … },               // lives; what it makes is gone when it returns
//       [](Outcome& outcome, bool failed) { … }); // whether the outcome is right, if an allocation failed, or none did
//
// After each, no thread is left and no memory. It ends at the first allocation whose failure does harm. It replaces the
// global operator new: see allocations.hpp.
#pragma once

#include <cstddef>

#include <gtest/gtest.h>

#include <pool/testing/allocations.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

template <class Outcome, class Live, class Check>
void every_allocation_fails(const Live& live, const Check& check) {
  const std::size_t threads = thread_count();
  bool failed = true;
  for (std::size_t k = 0; failed && !::testing::Test::HasFailure(); ++k) {
    Outcome outcome{};
    const std::ptrdiff_t memory = bytes_in_use;
    {
      const FailingAllocation armed(k);
      live(outcome);
      failed = FailingAllocation::happened();
    }
    const bool all_gone = thread_count_becomes(threads);
    const std::ptrdiff_t leaked = bytes_in_use - memory;
    SCOPED_TRACE(::testing::Message() << "allocation " << k << (failed ? " failed" : " would have been the next"));
    check(outcome, failed);
    EXPECT_TRUE(all_gone);
    EXPECT_EQ(leaked, 0);
  }
}

}  // namespace pool::testing

// EXPLORE: a GoogleTest test whose body runs under every interleaving that matters.
//
//   EXPLORE(Counter, AddsUp) {
//     pool::sync::atomic<int> counter{0};
//     pool::sync::thread other([&] { counter.fetch_add(1); });
//     counter.fetch_add(1);
//     other.join();
//     EXPECT_EQ(counter.load(), 2);
//   }
//
// EXPLORE_WITH takes options as well: EXPLORE_WITH(Suite, Name, (Explore{.preemptions = 3})) { … }
#pragma once

#include <pool/testing/explorer/explore.hpp>
#include <pool/testing/explorer/sync.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace pool::explorer {

// Explores the body and fails the current test with the report if it fails.
void expect_passes(const Explore& options, const std::function<void()>& body, const char* file, int line);

}  // namespace pool::explorer

#define EXPLORE(suite, name) EXPLORE_WITH(suite, name, Explore{})

#define EXPLORE_WITH(suite, name, options)                                                    \
  static void suite##_##name##_explored();                                                    \
  TEST(suite, name) {                                                                         \
    using namespace ::pool::explorer; /* so that options may say Strategy::random */          \
    ::pool::explorer::expect_passes(options, &suite##_##name##_explored, __FILE__, __LINE__); \
  }                                                                                           \
  static void suite##_##name##_explored()

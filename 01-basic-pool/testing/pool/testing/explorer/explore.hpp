// explore(): runs a small concurrent test again and again, each time with another interleaving, until it fails or has
// passed them all. (As a GoogleTest test: EXPLORE, in test.hpp.)
//
// The body must do the same whenever it is given the same interleaving: what is shared is made inside it, and it asks
// no clock and no random numbers. It starts threads with pool::sync::thread (at most 7, four are many) and joins them.
// How to use it, and what it cannot see: docs/explorer.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace pool::explorer {

enum class Strategy {
  exhaustive,  // every interleaving with at most so many preemptions
  random,      // any answer to any question, with equal chances
  pct,         // random priorities with a few random changes: finds deep bugs that need few orderings
};

struct Explore {
  Strategy strategy = Strategy::exhaustive;
  std::size_t preemptions = 2;  // exhaustive: how often a thread that could go on, or a sleeper, is interrupted
  std::size_t depth = 3;        // pct: how many orderings the bug needs
  std::uint64_t seed = 1;       // random and pct
  std::size_t executions = 0;   // random and pct: how many (0: 10,000); exhaustive: fail beyond so many (0: a million)
  std::size_t steps = 2'000;    // an execution with more of them is a livelock
};

enum class Verdict {
  passed,
  deadlock,           // nobody can go on
  lost_wakeup,        // a deadlock in which somebody waits for a notification that came when nobody waited
  data_race,          // two threads use a cell, one of them writes, and nothing orders them
  failed_check,       // EXPLORE_CHECK, or an EXPECT or ASSERT of GoogleTest
  escaped_exception,  // out of the body or out of a thread
  livelock,           // the step limit
  leaked_thread,      // destroyed, or left behind, without join()
  misuse,             // of the explorer or of a primitive: an unlock by a stranger, a body that is not deterministic
  gave_up,            // the exhaustive search is larger than `executions`
};

struct Result {
  Verdict verdict = Verdict::passed;
  std::size_t executions = 0;
  bool complete = false;   // nothing was left out: the search ended before it reached the bound on preemptions
  std::string report{};    // of a failure: what happened, and the timeline
  std::string schedule{};  // of a failure: what POOL_EXPLORE_REPLAY takes
};

// Explores the body. With POOL_EXPLORE_REPLAY=<schedule> in the environment it runs that one execution instead.
// GoogleTest's EXPECT and ASSERT in the body fail the exploration, not the test around it.
Result explore(const Explore& options, const std::function<void()>& body);
inline Result explore(const std::function<void()>& body) {
  return explore(Explore{}, body);
}

[[noreturn]] void fail_check(const char* condition, const char* file, int line);

}  // namespace pool::explorer

// Ends the execution at once if the condition is false. (GoogleTest's EXPECT_… goes on to the next operation.)
#define EXPLORE_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::pool::explorer::fail_check(#condition, __FILE__, __LINE__))

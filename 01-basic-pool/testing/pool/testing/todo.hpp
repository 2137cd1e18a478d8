// What an exercise's code says to ./learn by ending the process: "not written yet", "not fast enough".
//
// POOL_TODO("what is to do") stands in place of the code that the learner writes. It prints file and line on stderr and
// ends the process with status 86, from any thread. It never returns, so it may be the whole body of a function with a
// result; `return (POOL_TODO("…"), value);` gives a type where one is needed.
// POOL_SLOW("1.2 M jobs/s, wanted 2") ends a test of a "measure" exercise with status 87: right, but too slow.
#pragma once

#include <cstdio>

#include <unistd.h>

namespace pool::testing {

inline constexpr int kTodoStatus = 86;
inline constexpr int kSlowStatus = 87;

// No flush, no destructors, no exit handlers: other threads may be in the middle of anything.
[[noreturn]] inline void end_test(int status, const char* verdict, const char* file, int line, const char* text) {
  std::fprintf(stderr, "%s %s:%d: %s\n", verdict, file, line, text);
  ::_exit(status);
}

}  // namespace pool::testing

#define POOL_TODO(text) ::pool::testing::end_test(::pool::testing::kTodoStatus, "TODO", __FILE__, __LINE__, text)
#define POOL_SLOW(text) ::pool::testing::end_test(::pool::testing::kSlowStatus, "SLOW", __FILE__, __LINE__, text)

// Watchdog: a thread that ends the process when a test takes too long, and prints where every thread is.
//
// The limit is 60 seconds for each test, or POOL_TEST_LIMIT seconds from the environment. The status is then 124.
// main.cpp of the test tools installs it, so every test program has it.
// Linux prints the stacks; elsewhere only the name of the test.
#pragma once

namespace pool::testing {

inline constexpr int kWatchdogStatus = 124;

// Watches every test of this program from now on. Call it once, before RUN_ALL_TESTS.
void install_watchdog();

// Prints the stacks of all threads but the calling one on stderr.
void print_all_stacks();

}  // namespace pool::testing

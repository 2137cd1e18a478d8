// main() of every test program: GoogleTest, with the watchdog.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pool/testing/captured.hpp>
#include <pool/testing/watchdog.hpp>

int main(int argc, char** argv) {
  pool::testing::keep_stderr();
  ::testing::InitGoogleMock(&argc, argv);
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a fork with threads around is not safe
  pool::testing::install_watchdog();
  return RUN_ALL_TESTS();
}

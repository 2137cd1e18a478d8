// The watchdog of the test tools: a test that hangs ends, and says where every thread is.
#include <pool/testing/gate.hpp>
#include <pool/testing/watchdog.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pthread.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace pool::testing {
namespace {

constexpr const char* kHang = "POOL_WATCHDOG_TEST_HANGS";  // set in the process that the test starts: itself

void hang() {
  Gate never;
  std::thread other([&] {
    pthread_setname_np(pthread_self(), "sleepy");
    never.wait();
  });
  other.join();
}

TEST(Watchdog, ATestThatHangsEndsWithTheStacksOfAllThreads) {
#if !defined(__linux__)
  GTEST_SKIP() << "stacks are printed on Linux only";
#endif
  if (std::getenv(kHang) != nullptr) hang();
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = std::string(kHang) + "=1 POOL_TEST_LIMIT=0.3 '" + self + "' 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string printed;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) printed += line.data();
  const int status = ::pclose(pipe);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kWatchdogStatus);
  EXPECT_THAT(printed, ::testing::HasSubstr("did not end within 0.3 s"));
  EXPECT_THAT(printed, ::testing::HasSubstr("(sleepy)"));
  EXPECT_THAT(printed, ::testing::HasSubstr("std::thread::join()"));
}

}  // namespace
}  // namespace pool::testing

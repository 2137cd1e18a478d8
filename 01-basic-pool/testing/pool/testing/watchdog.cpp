#include <pool/testing/captured.hpp>
#include <pool/testing/watchdog.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <unistd.h>

namespace pool::testing {

namespace {

std::chrono::milliseconds limit_from_environment() {
  if (const char* text = std::getenv("POOL_TEST_LIMIT")) {
    if (const double seconds = std::atof(text); seconds > 0) {
      return std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
    }
    std::fprintf(stderr, "POOL_TEST_LIMIT=%s is not a number of seconds; the limit stays 60\n", text);
  }
  return std::chrono::seconds(60);
}

class Watchdog : public ::testing::EmptyTestEventListener {
 public:
  Watchdog() : limit_(limit_from_environment()), thread_([this] { watch(); }) {}
  ~Watchdog() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void OnTestStart(const ::testing::TestInfo& test) override {
    set(std::string(test.test_suite_name()) + "." + test.name());
  }
  void OnTestEnd(const ::testing::TestInfo&) override { set(""); }

 private:
  void set(std::string test) {
    std::lock_guard lock(mutex_);
    test_ = std::move(test);
    ++round_;
    changed_.notify_one();
  }

  void watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const auto round = round_;
      const auto news = [&] { return round_ != round || stopping_; };
      if (test_.empty()) {
        changed_.wait(lock, news);
        continue;
      }
      if (changed_.wait_for(lock, limit_, news)) continue;
      uncapture_stderr();
      std::fprintf(stderr, "\nHANG: %s did not end within %g s. Every thread is here:\n", test_.c_str(),
                   std::chrono::duration<double>(limit_).count());
      print_all_stacks();
      std::fflush(nullptr);
      _exit(kWatchdogStatus);
    }
  }

  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string test_;       // guarded by mutex_; empty between tests
  unsigned round_ = 0;     // guarded by mutex_; counts starts and ends
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace

void install_watchdog() {
  ::testing::UnitTest::GetInstance()->listeners().Append(new Watchdog);
}  // gtest owns it

}  // namespace pool::testing

#include <pool/testing/explorer/execution.hpp>
#include <pool/testing/explorer/strategy.hpp>
#include <pool/testing/explorer/test.hpp>

#include <gtest/gtest-spi.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <system_error>

namespace pool::explorer {
namespace {

constexpr const char* kReplay = "POOL_EXPLORE_REPLAY";

// While it lives, GoogleTest's failures end the execution instead of being counted against the test.
// GoogleTest holds a lock when it calls, so the execution ends at its next step.
class Interceptor final : public testing::ScopedFakeTestPartResultReporter {
 public:
  Interceptor() : ScopedFakeTestPartResultReporter(INTERCEPT_ONLY_CURRENT_THREAD, nullptr) {}

  void ReportTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    const Site site{result.file_name(), result.line_number()};
    Execution::running().fail_soon("check failed at " + to_text(site) + "\n" + result.message());
  }
};

// How this program is called from the folder that it runs in.
std::string program() {
  const auto words = testing::internal::GetArgvs();
  if (words.empty()) return "<program>";
  std::error_code none;
  const auto folder = std::filesystem::current_path(none);
  const std::string inside = std::filesystem::path(words.front()).lexically_relative(folder).string();
  return inside.empty() || inside.starts_with("..") ? words.front() : inside;
}

std::size_t limit_of(const Explore& options) {
  if (options.executions != 0) return options.executions;
  return options.strategy == Strategy::exhaustive ? 1'000'000 : 10'000;
}

}  // namespace

Result explore(const Explore& options, const std::function<void()>& body) {
  if (Execution::active()) throw std::logic_error("explore() inside of an exploration");
  const char* replay = std::getenv(kReplay);
  const auto oracle = replay ? make_replay(replay) : make_oracle(options);
  const Interceptor interceptor;
  const bool searches_all = !replay && options.strategy == Strategy::exhaustive;
  std::size_t count = 0;
  while (oracle->next()) {
    if (count == limit_of(options)) {
      Result result{.executions = count};
      if (searches_all) {
        result.verdict = Verdict::gave_up;
        result.report = "gave up after " + std::to_string(count) +
                        " executions: make the test smaller, allow fewer "
                        "preemptions, or more executions, or search at random\n";
      }
      return result;
    }
    Result result = Execution(*oracle, options.steps).run(body);
    result.executions = ++count;
    if (result.verdict != Verdict::passed) return result;
  }
  return {.executions = count, .complete = searches_all && oracle->complete()};
}

void expect_passes(const Explore& options, const std::function<void()>& body, const char* file, int line) {
  const auto start = std::chrono::steady_clock::now();
  const Result result = explore(options, body);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const std::string count = std::to_string(result.executions) + (result.executions == 1 ? " execution" : " executions");
  testing::Test::RecordProperty("executions", count);

  if (result.verdict != Verdict::passed) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    ADD_FAILURE_AT(file, line) << "after " << count << ": " << result.report << "\nreplay it: " << kReplay << '='
                               << result.schedule << ' ' << program() << " --gtest_filter=" << test->test_suite_name()
                               << '.' << test->name();
    return;
  }
  std::string scope = "replayed";
  if (!std::getenv(kReplay)) {
    scope = options.strategy == Strategy::random ? "random, seed " + std::to_string(options.seed)
            : options.strategy == Strategy::pct  ? "PCT, seed " + std::to_string(options.seed)
            : result.complete                    ? "every interleaving"
                              : "every interleaving with at most " + std::to_string(options.preemptions) +
                                    " preemption" + (options.preemptions == 1 ? "" : "s");
  }
  std::printf("[ explored ] %s in %.2f s: %s\n", count.c_str(), seconds.count(), scope.c_str());
}

void fail_check(const char* condition, const char* file, int line) {
  Execution::running().fail(Verdict::failed_check,
                            std::string("check failed at ") + to_text(Site{file, line}) + ": " + condition);
}

}  // namespace pool::explorer

// A program of chapter 3 that goes wrong, with the report that the chapter shows, and its cure.
#include <pool/priority/job.hpp>
#include <pool/testing/explorer/test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace pool::priority {
namespace {

using sync::thread;

// #region look_then_act
class LookThenAct {  // a job, as one first writes it
 public:
  bool run() {
    if (state_.load() != JobState::queued) return false;
    state_.store(JobState::running);
    return true;  // and calls the work
  }

  bool cancel() {
    if (state_.load() != JobState::queued) return false;
    state_.store(JobState::cancelled);
    return true;  // and destroys the closure
  }

 private:
  sync::atomic<JobState> state_{JobState::queued};
};
// #endregion look_then_act

// #region one_exchange
class OneExchange {
 public:
  bool run() { return claim(); }
  bool cancel() { return claim(); }

 private:
  bool claim() { return !claimed_.exchange(true); }

  sync::atomic<bool> claimed_{false};
};
// #endregion one_exchange

// #region both
template <class AJob>
void cancel_against_start() {
  AJob job;
  bool ran = false;
  bool cancelled = false;
  thread worker([&] { ran = job.run(); });
  thread caller([&] { cancelled = job.cancel(); });
  worker.join();
  caller.join();
  EXPLORE_CHECK(ran != cancelled);
}
// #endregion both

std::string in_the_book(const char* name) {
  std::ifstream file(std::filesystem::path(__FILE__).replace_filename(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

// S3.6
TEST(Chapter, LookThenActLetsBothWin) {
  const auto result = explorer::explore(cancel_against_start<LookThenAct>);
  EXPECT_EQ(result.verdict, explorer::Verdict::failed_check) << result.report;
  EXPECT_EQ(in_the_book("both_win_report.txt"), result.report)
      << "if the new report is right, put it into both_win_report.txt and weave the pages";
}

// S3.6
EXPLORE(Chapter, OneExchangeHasOneWinner) {
  cancel_against_start<OneExchange>();
}

}  // namespace
}  // namespace pool::priority

// The bug that docs/explorer.md walks through, its report, and its cure.
#include <pool/testing/explorer/test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace pool {
namespace {

// #region gate
class Gate {  // closed until open() is called once; wait() returns when it is open
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return open_.load(); });
  }

  void open() {
    open_.store(true);  // an atomic, so there is no need for the lock, is there?
    opened_.notify_all();
  }

 private:
  sync::mutex mutex_;
  sync::condition_variable opened_;
  sync::atomic<bool> open_{false};
};
// #endregion gate

class CuredGate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return open_.read(); });
  }

  // #region cure
  void open() {
    {
      std::lock_guard lock(mutex_);  // nobody is between a look at open_ and sleep
      open_.write() = true;          // so a plain value will do: sync::cell<bool> open_{false};
    }
    opened_.notify_all();
  }
  // #endregion cure

 private:
  sync::mutex mutex_;
  sync::condition_variable opened_;
  sync::cell<bool> open_{false};
};

template <class G>
void visit() {
  G gate;
  sync::thread visitor([&] { gate.wait(); });
  gate.open();
  visitor.join();
}

TEST(Walkthrough, TheReportIsTheOneInTheBook) {
  const auto result = explorer::explore(visit<Gate>);
  EXPECT_EQ(result.verdict, explorer::Verdict::lost_wakeup);
  std::ifstream file(std::filesystem::path(__FILE__).replace_filename("walkthrough_report.txt"));
  const std::string report{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(report, result.report + "\nPOOL_EXPLORE_REPLAY=" + result.schedule + '\n')
      << "if the new report is right, put it into walkthrough_report.txt and weave the pages";
}

EXPLORE(Walkthrough, TheCureHolds) {
  visit<CuredGate>();
}

}  // namespace
}  // namespace pool

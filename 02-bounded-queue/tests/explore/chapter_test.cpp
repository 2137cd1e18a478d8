// Two programs of chapter 2 that go wrong, with the reports that the chapter shows.
#include <pool/testing/explorer/test.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace pool::bounded {
namespace {

using sync::thread;

// #region one_door
class OneDoor {  // holds one value
 public:
  void send(int value) {
    std::unique_lock lock(mutex_);
    while (full_.read()) changed_.wait(lock);
    value_.write() = value;
    full_.write() = true;
    changed_.notify_one();
  }

  int receive() {
    std::unique_lock lock(mutex_);
    while (!full_.read()) changed_.wait(lock);
    full_.write() = false;
    changed_.notify_one();
    return value_.read();
  }

 private:
  sync::mutex mutex_;
  sync::condition_variable changed_;
  sync::cell<int> value_{0};
  sync::cell<bool> full_{false};
};
// #endregion one_door

template <class T>
class TwoDoors {
 public:
  // #region two_doors
  void send(T value) {
    std::unique_lock lock(mutex_);
    while (value_.read()) room_.wait(lock);  // senders sleep here …
    value_.write() = std::move(value);
    filled_.notify_one();
  }

  T receive() {
    std::unique_lock lock(mutex_);
    while (!value_.read()) filled_.wait(lock);  // … and receivers there
    T value = std::move(*value_.write());
    value_.write().reset();
    room_.notify_one();
    return value;
  }
  // #endregion two_doors

 private:
  sync::mutex mutex_;
  sync::condition_variable filled_;
  sync::condition_variable room_;
  sync::cell<std::optional<T>> value_;
};

void two_values_for_two_consumers() {
  OneDoor channel;
  thread one([&] { channel.receive(); });
  thread other([&] { channel.receive(); });
  channel.send(1);
  channel.send(2);
  one.join();
  other.join();
}

// #region own_queue
void a_job_that_submits_a_job() {
  TwoDoors<std::function<void()>> queue;  // room for one job
  thread worker([&] {
    for (int job = 0; job < 3; ++job) queue.receive()();
  });
  queue.send([&] { queue.send([] {}); });  // a job that submits a job
  queue.send([] {});                       // and another one
  worker.join();
}
// #endregion own_queue

// What a report says first, and its last steps: the chapter has no room for all of them.
std::string shortened(const std::string& report, std::size_t steps) {
  std::istringstream text(report);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::size_t head = 0;
  while (lines.at(head++).rfind(" step", 0) != 0) {
  }
  std::string result;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < head || i + steps >= lines.size()) result += lines[i] + '\n';
  }
  return result;
}

std::string in_the_book(const char* name) {
  std::ifstream file(std::filesystem::path(__FILE__).replace_filename(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_deadlock(void (*program)(), std::size_t steps, const char* name) {
  const auto result = explorer::explore(program);
  EXPECT_EQ(result.verdict, explorer::Verdict::deadlock) << result.report;
  EXPECT_EQ(in_the_book(name), shortened(result.report, steps))
      << "if the new report is right, put it into " << name << " and weave the pages";
}

// S2.1
TEST(Chapter, OneConditionVariableForBothSidesIsNotEnough) {
  expect_deadlock(two_values_for_two_consumers, 17, "one_door_report.txt");
}

// S2.2
TEST(Chapter, AJobThatWaitsForRoomInItsOwnQueueWaitsForEver) {
  expect_deadlock(a_job_that_submits_a_job, 16, "own_queue_report.txt");
}

// S2.1
EXPLORE(Chapter, TwoConditionVariablesAre) {
  TwoDoors<int> channel;
  thread one([&] { channel.receive(); });
  thread other([&] { channel.receive(); });
  channel.send(1);
  channel.send(2);
  one.join();
  other.join();
}

}  // namespace
}  // namespace pool::bounded

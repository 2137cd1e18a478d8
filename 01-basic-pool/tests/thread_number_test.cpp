// The small numbers of threads: distinct while the threads live, and given again when they have ended.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <thread>
#include <vector>

#include <pool/basic/thread_number.hpp>
#include <pool/testing/gate.hpp>

namespace pool::sync {
namespace {

using testing::Gate;

std::size_t number_of_a_new_thread() {
  std::size_t number = kNoNumber;
  std::thread([&] { number = thread_number(); }).join();
  return number;
}

TEST(ThreadNumber, StaysTheSame) {
  const std::size_t mine = thread_number();
  EXPECT_NE(mine, kNoNumber);
  EXPECT_NE(number_of_a_new_thread(), mine);
  EXPECT_EQ(thread_number(), mine);
}

// So many threads at once have the smallest numbers that there are; and when they have ended, others have.
TEST(ThreadNumber, ThreadsThatLiveHaveDifferentOnesTheSmallest) {
  constexpr std::size_t kThreads = 20;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::size_t> numbers(kThreads + 1);
    numbers[kThreads] = thread_number();
    std::vector<Gate> known(kThreads);
    Gate end;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        numbers[i] = thread_number();
        known[i].open();
        end.wait();
      });
    }
    for (Gate& one : known) one.wait();
    end.open();
    for (std::thread& one : threads) one.join();
    std::sort(numbers.begin(), numbers.end());
    std::vector<std::size_t> smallest(kThreads + 1);
    std::iota(smallest.begin(), smallest.end(), std::size_t{0});
    EXPECT_EQ(numbers, smallest);
  }
}

TEST(ThreadNumber, IsGivenAgainWhenItsThreadHasEnded) {
  const std::size_t first = number_of_a_new_thread();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(number_of_a_new_thread(), first);
}

// An object of a thread that asks for the number when it is destroyed.
struct Asks {
  explicit Asks(std::size_t& number) : number_(number) {}
  ~Asks() { number_ = thread_number(); }
  std::size_t& number_;
};

// What was made before the number is destroyed after it: by then another thread may have it.
TEST(ThreadNumber, TheLastObjectsOfAThreadHaveNone) {
  std::size_t number = 0;
  std::size_t earlier = 0;
  std::size_t later = 0;
  std::thread([&] {
    thread_local const Asks first(later);
    number = thread_number();
    thread_local const Asks second(earlier);
  }).join();
  EXPECT_NE(number, kNoNumber);
  EXPECT_EQ(earlier, number);
  EXPECT_EQ(later, kNoNumber);
}

TEST(ThreadNumber, OneThatIsAskedForAtTheVeryEndIsGivenAgainToo) {
  const std::size_t first = number_of_a_new_thread();
  for (int i = 0; i < 3; ++i) {
    std::size_t number = kNoNumber;
    std::thread([&] { thread_local const Asks asks(number); }).join();
    EXPECT_EQ(number, first);
  }
}

}  // namespace
}  // namespace pool::sync

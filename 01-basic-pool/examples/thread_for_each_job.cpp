// What a thread costs: the time to start and join one, the memory of a thousand, and the same jobs on a pool.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <latch>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <pool/basic/thread_pool.hpp>

namespace {

using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

// A field of /proc/self/status in MB, such as VmRSS (memory in use) and VmSize (addresses in use). 0 elsewhere than on
// Linux.
double megabytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == field + ":") {
      double kilobytes = 0;
      status >> kilobytes;
      return kilobytes / 1024;
    }
  }
  return 0;
}

void print_time_of_a_thread() {
  std::vector<double> times;
  for (int i = 0; i < 2000; ++i) {
    const auto start = Clock::now();
    std::thread([] {}).join();
    times.push_back(microseconds(Clock::now() - start));
  }
  std::sort(times.begin(), times.end());
  std::printf("a thread, started and joined    %6.1f µs  (median of 2,000)\n", times[1000]);
}

// #region pool_time
void print_time_of_a_job() {
  constexpr int kJobs = 200'000;
  pool::basic::ThreadPool pool({.workers = 2});
  const auto start = Clock::now();
  for (int i = 0; i < kJobs; ++i) pool.post([] {});
  pool.shutdown();
  std::printf("a job, posted and run           %6.1f µs  (mean of 200,000, two workers)\n",
              microseconds(Clock::now() - start) / kJobs);
}
// #endregion pool_time

// #region thread_memory
void print_memory_of_threads() {
  const double resident = megabytes("VmRSS");
  const double addresses = megabytes("VmSize");
  std::latch go(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 1000; ++i) threads.emplace_back([&go] { go.wait(); });
  std::printf("1,000 threads that only wait    %6.1f MB of memory, %.0f MB of addresses\n",
              megabytes("VmRSS") - resident, megabytes("VmSize") - addresses);
  go.count_down();
  for (auto& thread : threads) thread.join();
}
// #endregion thread_memory

// #region too_many
void print_what_happens_with_too_many() {
  std::latch go(1);
  std::vector<std::thread> threads;
  try {
    for (int i = 0; i < 100'000; ++i) threads.emplace_back([&go] { go.wait(); });
  } catch (const std::system_error& error) {
    std::printf("thread number %zu                %s\n", threads.size() + 1, error.what());
  }
  go.count_down();
  for (auto& thread : threads) thread.join();
}
// #endregion too_many

}  // namespace

int main() {
  print_time_of_a_thread();
  print_time_of_a_job();
  print_memory_of_threads();

  rlimit limit{};  // room for the stacks of 300 more threads: a container may have no more
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = static_cast<rlim_t>((megabytes("VmSize") + 300 * 8) * 1024 * 1024);
  setrlimit(RLIMIT_AS, &limit);
  print_what_happens_with_too_many();
}

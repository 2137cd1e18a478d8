// claims: measures what documentation of thread pools says about them, one figure or a few at a time.
//
//   claims WHAT        prints a line of JSON: the figures, by their names, which end in their unit
//
// tools/claims.py runs each in a process of its own, several times, and judges. The pool is that of stage 04, which the
// later stages share; it has two workers where it does not say otherwise.
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <future>
#include <latch>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pool/stealing/thread_pool.hpp>

namespace {

using Clock = std::chrono::steady_clock;
using Figures = std::vector<std::pair<std::string, double>>;
using Pool = pool::stealing::ThreadPool;

constexpr std::size_t kWorkers = 2;

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}
double seconds(Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

// The value below which so large a share of them lies.
double quantile(std::vector<double>& values, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

void add(Figures& figures, const std::string& name, std::vector<double> values) {
  figures.emplace_back(name + "_p50_us", quantile(values, 0.5));
  figures.emplace_back(name + "_p99_us", quantile(values, 0.99));
  figures.emplace_back(name + "_max_us", *std::max_element(values.begin(), values.end()));
}

struct Memory {
  double resident = 0, address_space = 0;  // bytes
};

// What a process has: of its own, if nothing else is said. Zeros where there is no /proc.
Memory memory(const std::string& process = "self") {
  std::ifstream file("/proc/" + process + "/statm");
  Memory now;
  double pages = 0, resident = 0;
  if (!(file >> pages >> resident)) return now;
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {.resident = resident * page, .address_space = pages * page};
}

// Resident memory of a process, its part of what several share included: of its own, if nothing else is said.
double proportional(const std::string& process) {
  std::ifstream file("/proc/" + process + "/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Pss:")) return std::stod(line.substr(4)) * 1024;
  }
  return 0;
}

// Holds all workers of a pool, until it is told to let go.
class Held {
 public:
  Held(Pool& pool, std::size_t workers) : there_(static_cast<std::ptrdiff_t>(workers)) {
    for (std::size_t i = 0; i < workers; ++i) pool.post([this] { there_.count_down(), gone_.wait(); });
    there_.wait();
  }
  void let_go() { gone_.count_down(); }

 private:
  std::latch there_, gone_{1};
};

Figures thread() {
  std::vector<double> created, joined;
  for (int i = 0; i < 2'000; ++i) {
    const auto begin = Clock::now();
    std::thread one([] {});
    created.push_back(microseconds(Clock::now() - begin));
    one.join();
    joined.push_back(microseconds(Clock::now() - begin));
  }
  Figures figures;
  add(figures, "create", created);
  add(figures, "create_and_join", joined);
  return figures;
}

Figures stack() {
  pthread_attr_t attributes;
  std::size_t size = 0;
  if (pthread_attr_init(&attributes) == 0) {
    pthread_attr_getstacksize(&attributes, &size);
    pthread_attr_destroy(&attributes);
  }
  constexpr int kThreads = 10;
  std::latch there(kThreads), gone(1);
  std::thread([] {}).join();  // what the first thread brings with it
  const Memory before = memory();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&] { there.count_down(), gone.wait(); });
  there.wait();
  const Memory with = memory();
  gone.count_down();
  for (std::thread& one : threads) one.join();
  return {{"default_stack_bytes", static_cast<double>(size)},
          {"ten_threads_resident_bytes", with.resident - before.resident},
          {"ten_threads_address_space_bytes", with.address_space - before.address_space}};
}

Figures worker() {
  constexpr std::size_t kMany = 100;
  const Memory before = memory();
  Pool pool({.workers = kMany});
  Held held(pool, kMany);  // each has started, and has run a job
  const Memory with = memory();
  held.let_go();
  return {{"worker_resident_bytes", (with.resident - before.resident) / kMany}};
}

Figures job() {
  constexpr std::size_t kJobs = 300'000;
  std::atomic<std::uint64_t> sum{0};
  const auto queued = [&](const std::function<void(Pool&)>& hand_in) {
    Pool pool({.workers = kWorkers});
    Held held(pool, kWorkers);
    const double before = memory().resident;
    hand_in(pool);
    const double bytes = (memory().resident - before) / kJobs;
    held.let_go();
    pool.wait_idle();
    return bytes;
  };
  const auto work = [&sum] { sum.fetch_add(1, std::memory_order_relaxed); };
  Figures figures;
  figures.emplace_back("posted_bytes", queued([&](Pool& pool) {
                         for (std::size_t i = 0; i < kJobs; ++i) pool.post(work);
                       }));
  std::vector<std::future<void>> futures;
  futures.reserve(kJobs);
  figures.emplace_back("submitted_bytes", queued([&](Pool& pool) {
                         for (std::size_t i = 0; i < kJobs; ++i) futures.push_back(pool.submit(work));
                       }));
  std::vector<pool::priority::Job<void>> jobs;
  jobs.reserve(kJobs);
  figures.emplace_back("launched_bytes", queued([&](Pool& pool) {
                         for (std::size_t i = 0; i < kJobs; ++i) jobs.push_back(pool.launch({}, work));
                       }));
  if (sum.load() != 3 * kJobs) std::fputs("claims: jobs were lost\n", stderr), std::exit(1);
  return figures;
}

Figures rate() {
  constexpr std::size_t kJobs = 2'000'000;
  Pool pool({.workers = kWorkers});
  for (int i = 0; i < 100'000; ++i) pool.post([] {});
  pool.wait_idle();
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < kJobs; ++i) pool.post([] {});
  pool.wait_idle();
  const double time = seconds(Clock::now() - begin);
  if (pool.totals().completed != kJobs + 100'000) std::fputs("claims: jobs were lost\n", stderr), std::exit(1);
  return {{"jobs_per_s", kJobs / time}};
}

Figures lengths() {
  constexpr std::size_t kJobs = 500;
  Pool pool({.workers = kWorkers});
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < kJobs; ++i) {
    pool.post([] {
      const auto end = Clock::now() + std::chrono::milliseconds(1);
      while (Clock::now() < end) {
      }
    });
  }
  pool.wait_idle();
  return {{"one_ms_jobs_per_s", kJobs / seconds(Clock::now() - begin)}};
}

Figures post() {
  Pool pool({.workers = kWorkers});
  std::vector<double> times;
  for (int i = 0; i < 200'000; ++i) {
    const auto begin = Clock::now();
    pool.post([] {});
    times.push_back(microseconds(Clock::now() - begin));
  }
  Figures figures;
  add(figures, "post", times);
  return figures;
}

Figures result() {
  Pool pool({.workers = kWorkers});
  std::vector<double> times;
  for (int i = 0; i < 20'000; ++i) {
    const auto begin = Clock::now();
    if (pool.submit([i] { return i; }).get() != i) std::exit(1);
    times.push_back(microseconds(Clock::now() - begin));
  }
  Figures figures;
  add(figures, "result", times);
  return figures;
}

// From just before a post until the job starts, with a pause before each.
std::vector<double> starts(int jobs, std::chrono::microseconds pause) {
  Pool pool({.workers = kWorkers});
  std::vector<double> times;
  for (int i = 0; i < jobs; ++i) {
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    std::atomic<bool> started{false};
    Clock::time_point start;
    const auto begin = Clock::now();
    pool.post([&] {
      start = Clock::now();
      started.store(true, std::memory_order_release);
    });
    while (!started.load(std::memory_order_acquire)) {
    }
    times.push_back(microseconds(start - begin));
  }
  return times;
}

Figures start() {
  Figures figures;
  add(figures, "hot_start", starts(20'000, std::chrono::microseconds(0)));
  add(figures, "asleep_start", starts(1'000, std::chrono::milliseconds(1)));
  return figures;
}

// A job hands in another and keeps its worker until that one has started: so the other worker must have stolen it.
Figures steal() {
  Pool pool({.workers = kWorkers});
  std::vector<double> times;
  for (int i = 0; i < 2'000; ++i) {
    if (i % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));  // every second time, it sleeps
    pool.submit([&] {
          std::atomic<bool> stolen{false};
          Clock::time_point start;
          const auto begin = Clock::now();
          pool.post([&] {
            start = Clock::now();
            stolen.store(true, std::memory_order_release);
          });
          while (!stolen.load(std::memory_order_acquire)) {
          }
          times.push_back(microseconds(start - begin));
        })
        .get();
  }
  Figures figures;
  add(figures, "steal", times);
  return figures;
}

Figures thousand() {
  constexpr std::size_t kMany = 1'000, kJobs = 100'000;
  std::atomic<std::uint64_t> ran{0};
  const double before = memory().resident;
  const auto begin = Clock::now();
  double with = 0;
  {
    Pool pool({.workers = kMany});
    for (std::size_t i = 0; i < kJobs; ++i) pool.post([&] { ran.fetch_add(1, std::memory_order_relaxed); });
    pool.wait_idle();
    with = memory().resident;
  }
  if (ran.load() != kJobs) std::fputs("claims: jobs were lost\n", stderr), std::exit(1);
  return {{"thousand_workers_ms", seconds(Clock::now() - begin) * 1e3},
          {"thousand_workers_resident_bytes", with - before}};
}

// A worker process that waits for work: this program, and what a pool in it has.
Figures process() {
  int ready[2], gone[2];
  if (pipe(ready) != 0 || pipe(gone) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    close(gone[1]);
    execl("/proc/self/exe", "claims", "wait", std::to_string(ready[1]).c_str(), std::to_string(gone[0]).c_str(),
          nullptr);
    _exit(127);
  }
  close(ready[1]);
  close(gone[0]);
  char byte = 0;
  Figures figures;
  if (child > 0 && read(ready[0], &byte, 1) == 1) {
    const std::string id = std::to_string(child);
    figures = {{"process_resident_bytes", memory(id).resident}, {"process_proportional_bytes", proportional(id)}};
  }
  close(gone[1]);
  if (child > 0) waitpid(child, nullptr, 0);
  return figures;
}

// The other end of process().
int wait_for_the_end(const char* ready, const char* gone) {
  const char byte = 1;
  if (write(std::stoi(ready), &byte, 1) != 1) return 1;
  char end = 0;
  while (read(std::stoi(gone), &end, 1) > 0) {
  }
  return 0;
}

const std::map<std::string_view, Figures (*)()> kAll = {
    {"thread", thread}, {"stack", stack},     {"worker", worker},     {"job", job},
    {"rate", rate},     {"lengths", lengths}, {"post", post},         {"result", result},
    {"start", start},   {"steal", steal},     {"thousand", thousand}, {"process", process},
};

}  // namespace

int main(int count, char** arguments) {
  if (count == 4 && std::string_view(arguments[1]) == "wait") return wait_for_the_end(arguments[2], arguments[3]);
  const auto found = count == 2 ? kAll.find(arguments[1]) : kAll.end();
  if (found == kAll.end()) {
    std::fputs("usage: claims WHAT, with WHAT one of:", stderr);
    for (const auto& [name, measure] : kAll) std::fprintf(stderr, " %s", std::string(name).c_str());
    std::fputs("\n", stderr);
    return 2;
  }
  std::fputs("{", stdout);
  const char* between = "";
  for (const auto& [name, value] : found->second()) {
    std::printf("%s\"%s\": %.6g", between, name.c_str(), value);
    between = ", ";
  }
  std::fputs("}\n", stdout);
}

// std::async: not a pool, but what the standard has. It starts a thread for each job.
#include <future>
#include <utility>
#include <vector>

#include "../enlist.hpp"

namespace {

class StdAsync {
 public:
  static constexpr bool kOneProducer = true, kQueues = false, kThreadPerJob = true;
  explicit StdAsync(std::size_t) {}
  void post(auto job) {
    if (started_.size() == 1000) started_.clear();  // a machine has room for so many; a future of std::async waits
    started_.push_back(submit(std::move(job)));
  }
  static std::future<void> submit(auto job) { return std::async(std::launch::async, std::move(job)); }

 private:
  std::vector<std::future<void>> started_;
};

const bool enlisted = bench::enlist<StdAsync>("std::async");

}  // namespace

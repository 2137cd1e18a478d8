// What W12 and W13 cost without a pool: a thread that is created, ends, and is joined. No pool can be faster than that.
#include <pthread.h>

#include <thread>
#include <utility>

#include "scaling.hpp"

namespace {

using bench::Signal;

class ComesAndGoes {
 public:
  void one_more() {
    thread_ = std::thread([this] {
      came_.now();
      go_.wait("nobody is sent home");
    });
    came_.wait("no thread has come");
  }
  void one_fewer() {
    go_.now();
    thread_.join();
  }
  void come_to_rest() {}
  void post(auto job) { job(); }

 private:
  Signal came_, go_;
  std::thread thread_;
};

// One thread that waits for its end; then another one, which does the job.
class Dies {
 public:
  Dies() { begin(); }
  ~Dies() {
    end_.now();
    thread_.join();
  }
  void end_the_worker() {
    end_.now();
    thread_.join();
  }
  void post(auto job) { begin(std::move(job)); }

 private:
  void begin(auto job) {
    thread_ = std::thread([this, job = std::move(job)] {
      job();
      end_.wait("nobody ends it");
      ::pthread_exit(nullptr);
    });
  }
  void begin() {
    begin([] {});
  }

  Signal end_;
  std::thread thread_;
};

const bool enlisted[] = {bench::enlist_scaling<ComesAndGoes>("std::thread"),
                         bench::enlist_scaling<Dies>("std::thread")};

}  // namespace

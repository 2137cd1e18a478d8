// A pool without a destructor: it leaves main while its worker still waits for work.
#include <cstdio>
#include <thread>
#include <vector>

#include <pool/basic/channel.hpp>
#include <pool/basic/work.hpp>

namespace {

// #region pool
class CarelessPool {
 public:
  CarelessPool() {
    threads_.emplace_back([this] {
      while (auto work = channel_.receive()) (*work)();
    });
  }
  void post(pool::basic::Work work) { static_cast<void>(channel_.send(std::move(work))); }

 private:
  pool::basic::Channel<pool::basic::Work> channel_;
  std::vector<std::thread> threads_;
};
// #endregion pool

}  // namespace

int main() {
  CarelessPool pool;
  pool.post([] { std::puts("a job"); });
  std::puts("end of main");
  std::fflush(stdout);
}

// A job that uses what is gone: it captured a reference.
#include <cstdio>
#include <memory>
#include <string>

#include <pool/basic/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace {

struct Report {
  std::string title = "identifiers by frequency, all folders";
};

}  // namespace

int main() {
  // #region dangling
  pool::testing::Gate gone;
  pool::basic::ThreadPool pool({.workers = 1});
  auto report = std::make_unique<Report>();
  pool.post([&gone, &r = *report] {
    gone.wait();  // makes sure that it goes wrong
    std::puts(r.title.c_str());
  });
  report.reset();
  gone.open();
  // #endregion dangling
}

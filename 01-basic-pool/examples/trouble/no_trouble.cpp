// The right way, beside the wrong ones of this folder: what the README and docs/coming-from-rust.md show of C++.
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <pool/basic/thread_pool.hpp>

namespace {

void a_first_pool() {
  // #region first_pool
  pool::basic::ThreadPool pool({.workers = 4});
  std::future<int> answer = pool.submit([](int x) { return x + 1; }, 41);
  pool.post([] { std::puts("no result wanted"); });
  std::printf("%d\n", answer.get());
  // #endregion first_pool
}

void a_capture_that_owns() {
  pool::basic::ThreadPool pool({.workers = 1});
  // #region capture
  auto text = std::make_unique<std::string>("one two three");
  auto size = pool.submit([text = std::move(text)] { return text->size(); });
  // #endregion capture
  std::printf("%zu bytes\n", size.get());
}

void borrowing_in_braces() {
  // #region scope
  std::string text = "one two three";
  {
    std::jthread bytes([&text] { std::printf("%zu bytes\n", text.size()); });
    std::jthread first([&text] { std::printf("first: %s\n", text.substr(0, text.find(' ')).c_str()); });
  }  // both have ended here
  std::puts(text.c_str());
  // #endregion scope
}

}  // namespace

int main() {
  a_first_pool();
  a_capture_that_owns();
  borrowing_in_braces();
}

// The race of count_words.cpp, with jobs that wait for each other before they count: now they overlap in every run.
#include <cstdio>
#include <latch>

#include <pool/basic/thread_pool.hpp>

int main() {
  int words = 0;
  std::latch both(2);
  {
    pool::basic::ThreadPool pool({.workers = 2});
    for (int file = 0; file < 2; ++file) {
      // #region job
      pool.post([&words, &both] {
        both.arrive_and_wait();  // nobody counts before both are here
        for (int i = 0; i < 100'000; ++i) ++words;
      });
      // #endregion job
    }
  }
  std::printf("%d words\n", words);
}

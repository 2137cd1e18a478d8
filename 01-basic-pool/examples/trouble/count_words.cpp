// A data race: two jobs add to one plain int.
#include <cstdio>

#include <pool/basic/thread_pool.hpp>

int main() {
  // #region race
  int words = 0;
  {
    pool::basic::ThreadPool pool({.workers = 2});
    for (int file = 0; file < 2; ++file) {
      pool.post([&words] {
        for (int i = 0; i < 100'000; ++i) ++words;
      });
    }
  }
  std::printf("%d words\n", words);
  // #endregion race
}

// What becomes of a program one of whose threads is killed. POSIX has pthread_cancel for it, Windows TerminateThread.
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <mutex>
#include <thread>

namespace {

// Stands for a disk that does not answer: a pipe into which nobody writes.
class Journal {
 public:
  Journal() {
    if (pipe(ends_.data()) != 0) std::perror("pipe");
  }
  void write_entry() const {
    char answer = 0;
    while (read(ends_[0], &answer, 1) == 1) {
    }
  }

 private:
  std::array<int, 2> ends_{};
};

// #region transfer
struct Accounts {
  std::mutex mutex;
  int anna = 100;
  int ben = 0;
};

void transfer(Accounts& accounts, const Journal& journal, int amount) {
  std::lock_guard lock(accounts.mutex);
  accounts.anna -= amount;
  journal.write_entry();  // takes its time
  accounts.ben += amount;
}
// #endregion transfer

// #region entry
struct Entry {
  const Journal& journal;
  ~Entry() { journal.write_entry(); }  // a destructor is noexcept
};
// #endregion entry

}  // namespace

int main() {
  const Journal journal;
  Accounts accounts;
  // #region kill
  std::thread worker([&] { transfer(accounts, journal, 10); });
  pthread_cancel(worker.native_handle());  // it ends where it next waits
  worker.join();
  std::lock_guard lock(accounts.mutex);
  std::printf("the lock is free, and of 100 there are %d\n", accounts.anna + accounts.ben);
  // #endregion kill
  std::fflush(stdout);
  std::thread other([&] { Entry entry{journal}; });
  pthread_cancel(other.native_handle());
  other.join();
}

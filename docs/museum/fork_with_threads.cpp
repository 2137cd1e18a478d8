// fork() in a process that has threads: the child inherits a lock, and not the thread that would unlock it.
#include <pool/testing/gate.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <mutex>
#include <thread>

namespace pool::museum {
namespace {

using testing::Gate;

// #region log
class Log {
 public:
  void write_slowly(Gate& written) {  // a line to a disk that takes its time: `written` says when it is there
    std::lock_guard lock(mutex_);
    writing_.open();
    written.wait();
  }
  void wait_until_somebody_writes() { writing_.wait(); }

  bool could_write() {  // write() would wait for the lock; this one says whether it would wait for ever
    return std::unique_lock(mutex_, std::try_to_lock).owns_lock();
  }
  // #endregion log

  // #region cured
  pid_t fork_with_the_lock() {  // so nobody else has it at that moment; both processes give it back
    std::lock_guard lock(mutex_);
    return fork();
  }
  // #endregion cured

 private:
  std::mutex mutex_;
  Gate writing_;
};

// True if the child of that fork() could write to the log. Called in both processes.
bool child_could_write(pid_t child, Log& log) {
  if (child == 0) _exit(log.could_write() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  const bool could = WEXITSTATUS(status) == 0;
  std::puts(could ? "the child could write to the log"
                  : "the child found the log locked, by a thread that it does not have");
  return could;
}

// #region broken
TEST(ForkWithThreads, TheDefectShows) {
  Log log;
  Gate written;
  std::thread writer([&] { log.write_slowly(written); });
  log.wait_until_somebody_writes();
  const pid_t child = fork();
  EXPECT_FALSE(child_could_write(child, log));  // its only thread waits for a thread that it does not have
  written.open();
  writer.join();
  EXPECT_TRUE(log.could_write());  // here, in the parent, nothing is wrong
}
// #endregion broken

TEST(ForkWithThreads, TheCureHolds) {
  Log log;
  Gate written;
  std::thread writer([&] { log.write_slowly(written); });
  log.wait_until_somebody_writes();
  written.open();
  const pid_t child = log.fork_with_the_lock();  // waits for the line to be written
  EXPECT_TRUE(child_could_write(child, log));
  writer.join();
}

}  // namespace
}  // namespace pool::museum

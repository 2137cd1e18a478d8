#include "interruption.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <pool/basic/native_thread.hpp>

namespace {

std::atomic<int> write_end{-1};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler reads it");

// #region handler
void tell(int signal) {
  const int error = errno;  // the code that was interrupted may be about to look at it
  const auto number = static_cast<unsigned char>(signal);
  [[maybe_unused]] const ssize_t written = ::write(write_end, &number, 1);
  errno = error;
}
// #endregion handler

}  // namespace

Interruption::Interruption() {
  if (::pipe(pipe_.data()) != 0) throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  for (const int end : pipe_) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  try {
    const pool::basic::SignalsBlocked in_the_thread;  // the handler runs on threads that look around now and then
    thread_ = std::thread([this] { watch(); });
  } catch (...) {
    for (const int end : pipe_) ::close(end);
    throw;
  }
  write_end = pipe_[1];
  struct sigaction action {};
  action.sa_handler = tell;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one does what it always does
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);  // nohup stays nohup
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
  tell(0);  // no signal: the thread is to end
  thread_.join();
  for (const int end : pipe_) ::close(end);
}

void Interruption::watch() {
  while (true) {
    unsigned char number = 0;
    const ssize_t got = ::read(pipe_[0], &number, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1 || number == 0) return;
    signal_ = number;
    source_.cancel(number == SIGINT ? "SIGINT" : "SIGTERM");
  }
}

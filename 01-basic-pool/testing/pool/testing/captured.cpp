#include <pool/testing/captured.hpp>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__  // there is one in a program that was compiled with a sanitizer
extern "C" __attribute__((weak)) void __sanitizer_set_report_fd(void* fd);  // NOLINT: the name is not ours
#endif

namespace pool::testing {

namespace {

int stderr_before = -1;

bool is_captured() {
  struct stat now {};
  struct stat before {};
  if (fstat(STDERR_FILENO, &now) != 0 || fstat(stderr_before, &before) != 0) return false;
  return S_ISREG(now.st_mode) && (now.st_dev != before.st_dev || now.st_ino != before.st_ino);
}

void on_abort(int /*signal*/) {
  uncapture_stderr();
}  // and abort() goes on

}  // namespace

void keep_stderr() {
  stderr_before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  struct sigaction action {};
  action.sa_handler = on_abort;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGABRT, &action, nullptr);
#ifdef __linux__
  if (__sanitizer_set_report_fd && stderr_before >= 0) {
    __sanitizer_set_report_fd(reinterpret_cast<void*>(static_cast<std::intptr_t>(stderr_before)));  // NOLINT
  }
#endif
}

void uncapture_stderr() {
  if (stderr_before < 0 || !is_captured()) return;
  std::array<char, 4096> text;
  off_t at = 0;
  for (ssize_t count; (count = pread(STDERR_FILENO, text.data(), text.size(), at)) > 0; at += count) {
    if (write(stderr_before, text.data(), static_cast<std::size_t>(count)) != count) break;
  }
  dup2(stderr_before, STDERR_FILENO);
}

}  // namespace pool::testing

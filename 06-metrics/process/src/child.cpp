#include <pool/process/child.hpp>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include <pool/basic/user_code.hpp>

namespace pool::process {

namespace {

void require(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment() {
  const std::string variable = std::string(kWorkerVariable) + "=";
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(variable)) all.emplace_back(*entry);
  }
  all.push_back(variable + "1");
  return all;
}

}  // namespace

Child Child::spawn(const Command& command, int data, int control, bool with_pidfd) {
  posix_spawn_file_actions_t files;
  require(posix_spawn_file_actions_init(&files), "process: to prepare a worker");
  const basic::Finally files_gone{[&] { posix_spawn_file_actions_destroy(&files); }};
  posix_spawnattr_t attributes;
  require(posix_spawnattr_init(&attributes), "process: to prepare a worker");
  const basic::Finally attributes_gone{[&] { posix_spawnattr_destroy(&attributes); }};

  constexpr const char* kWhat = "process: to prepare a worker";
  require(posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0), kWhat);
  require(posix_spawn_file_actions_adddup2(&files, data, kDataSocket), kWhat);
  require(posix_spawn_file_actions_adddup2(&files, control, kControlSocket), kWhat);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  require(posix_spawn_file_actions_addclosefrom_np(&files, kControlSocket + 1), kWhat);  // what the user left open
#endif

  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  require(posix_spawnattr_setsigmask(&attributes, &none), kWhat);
  require(posix_spawnattr_setsigdefault(&attributes, &all), kWhat);
  require(posix_spawnattr_setpgroup(&attributes, 0), kWhat);
  require(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP),
          kWhat);

  std::vector<std::string> words{command.executable};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> variables = environment();
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> environment = pointers(variables);
  Child child;
  const int error =
      posix_spawn(&child.pid_, command.executable.c_str(), &files, &attributes, arguments.data(), environment.data());
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "process: to start " + command.executable);
  }
#ifdef SYS_pidfd_open
  if (with_pidfd) child.pidfd_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid_, 0)));
#endif
  return child;
}

void Child::signal(int number) const {
  if (!is_there()) return;
#ifdef SYS_pidfd_send_signal
  if (pidfd_.is_open()) {
    syscall(SYS_pidfd_send_signal, pidfd_.number(), number, nullptr, 0);
    return;
  }
#endif
  kill(pid_, number);
}

bool Child::pidfd_says_dead() const {
  pollfd asked{pidfd_.number(), POLLIN, 0};
  return pidfd_.is_open() ? poll(&asked, 1, 0) > 0 : true;
}

std::optional<Death> Child::reap() {
  if (!is_there()) return std::nullopt;
  const auto ask = [&](int more, siginfo_t& info) {
    info.si_pid = 0;
    int done = 0;
    do {
      done = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | more);
    } while (done != 0 && errno == EINTR);
    return done == 0;
  };
  Death death;
  siginfo_t info{};
  if (ask(WNOWAIT, info)) {
    if (info.si_pid == 0) return std::nullopt;  // it lives
    kill(-pid_, SIGKILL);                       // what it has started; the number is ours until the next call
    static_cast<void>(ask(0, info));
    const bool exited = info.si_code == CLD_EXITED;
    death = {exited ? Death::Cause::exited : Death::Cause::signal, info.si_status};
  } else if (!pidfd_says_dead()) {
    return std::nullopt;
  }
  pid_ = 0;
  pidfd_.close();
  return death;
}

}  // namespace pool::process

#include "own_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
extern char** environ;
#endif

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace {

std::string own_path() {
#if defined(__linux__)
  return "/proc/self/exe";
#elif defined(__APPLE__)
  char path[4096];
  std::uint32_t size = sizeof path;
  return ::_NSGetExecutablePath(path, &size) == 0 ? path : "";
#else
  return "";  // nobody to ask; to start a program without a path says so
#endif
}

[[noreturn]] void fail(const char* what, int error) {
  throw std::system_error(error, std::generic_category(), what);
}

// Both ends of a pipe, closed at the end.
struct Pipe {
  Pipe() {
    if (::pipe(ends) != 0) fail("cannot make a pipe", errno);
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends[0]);
    close_writing_end();
  }
  void close_writing_end() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }

  int ends[2] = {-1, -1};
};

// A process that was started. It does not outlive the object.
class Process {
 public:
  Process(std::vector<std::string>& arguments, int output) {
    const std::string path = own_path();
    std::string name = "bounded_demo";
    std::vector<char*> argv{name.data()};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    const int error = ::posix_spawn(&id_, path.c_str(), &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail("cannot start a process for the measurement", error);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (ended_) return;
    ::kill(id_, SIGKILL);
    static_cast<void>(wait());
  }

  int wait() {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    return status;
  }

 private:
  pid_t id_ = -1;
  bool ended_ = false;
};

}  // namespace

std::string output_of_own_process(std::vector<std::string> arguments, const Interruption& interruption) {
  interruption.check();
  Pipe pipe;
  Process process(arguments, pipe.ends[1]);
  pipe.close_writing_end();  // so that ours ends when its does

  std::string output;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(pipe.ends[0], buffer, sizeof buffer);
    interruption.check();
    if (got == 0) break;
    if (got > 0) {
      output.append(buffer, static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      fail("cannot read what the measuring process prints", errno);
    }
  }
  const int status = process.wait();
  interruption.check();  // Ctrl-C reaches the process, too, and it may be the first to end
  if (WIFSIGNALED(status)) {
    throw std::runtime_error("the measuring process was ended by signal " + std::to_string(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    throw std::runtime_error("the measuring process ended with status " + std::to_string(WEXITSTATUS(status)));
  }
  return output;
}

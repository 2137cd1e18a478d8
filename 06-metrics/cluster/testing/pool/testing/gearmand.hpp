// A real gearmand on loopback, and workers of its own. The files of a test lie in a folder that goes with it.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/cluster/connection.hpp>
#include <pool/cluster/errors.hpp>

extern char** environ;

namespace pool::testing {

// What other processes do is found out by looking. The watchdog ends a test that looks in vain.
inline void until(const std::function<bool()>& happened) {
  while (!happened()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pool-cluster-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  void touch(const std::string& name) const { std::ofstream(file(name)).put('.'); }
  [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> all;
    std::ifstream in(file(name));
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  std::filesystem::path path_;
};

// A program that is killed with its object, if it has not ended before.
class Program {
 public:
  explicit Program(std::vector<std::string> command, const std::string& out = "/dev/null") {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    const int error = posix_spawnp(&pid_, arguments[0], &files, &how, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  }
  ~Program() { kill(); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
  }
  void kill() {
    signal(SIGKILL);
    static_cast<void>(wait());
  }
  // The status of waitpid().
  int wait() {
    int status = 0;
    if (pid_ > 0) waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  [[nodiscard]] bool has_ended() {
    if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ < 0;
  }

 private:
  pid_t pid_ = -1;
};

// A port on loopback that is free now. (Another program may take it before we do; then the server is started on
// another one.)
inline std::uint16_t free_port() {
  const process::Descriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (bind(probe.number(), reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      getsockname(probe.number(), reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(here.sin_port);
}

inline std::string find_gearmand() {
  for (const char* place : {"/usr/sbin/gearmand", "/usr/local/sbin/gearmand", "/usr/bin/gearmand"}) {
    if (access(place, X_OK) == 0) return place;
  }
  return {};
}

class Gearmand {
 public:
  // more: options, such as --job-retries=3.
  explicit Gearmand(const Folder& folder, std::vector<std::string> more = {})
      : log_(folder.file("gearmand.log")), more_(std::move(more)) {
    while (!try_start(free_port())) {
    }
  }
  void kill() { program_.reset(); }
  // On the same port as before.
  void start_again() {
    until([&] { return try_start(port_); });
  }
  void signal(int number) const { program_->signal(number); }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // The numbers behind a function in what the server says of itself: queued in all, running, workers.
  [[nodiscard]] std::vector<int> status(const std::string& function) const;

 private:
  bool try_start(std::uint16_t port) {
    port_ = port;
    std::vector<std::string> command{find_gearmand(),
                                     "--listen=127.0.0.1",
                                     "--port=" + std::to_string(port),
                                     "--log-file=" + log_,
                                     "--pid-file=" + log_ + ".pid",
                                     "--threads=1",
                                     "--job-handle-prefix=H:pool"};
    if (geteuid() == 0) command.emplace_back("--user=root");
    command.insert(command.end(), more_.begin(), more_.end());
    program_ = std::make_unique<Program>(command);
    while (!program_->has_ended()) {
      try {
        static_cast<void>(cluster::Connection::open({{"127.0.0.1", port}}, std::chrono::milliseconds(500)));
        return true;
      } catch (const cluster::ClusterUnavailable&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));  // it is not there yet
      }
    }
    return false;
  }

  std::string log_;
  std::vector<std::string> more_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Program> program_;
};

// The text protocol: "status" and lines of FUNCTION, tab, total, tab, running, tab, workers; a dot ends them.
inline std::vector<int> Gearmand::status(const std::string& function) const {
  const process::Descriptor asks(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  there.sin_port = htons(port_);
  if (connect(asks.number(), reinterpret_cast<sockaddr*>(&there), sizeof there) != 0) return {};
  if (!process::send_all(asks.number(), "status\n")) return {};
  std::string text = "\n";
  char buffer[4096];
  while (text.find("\n.\n") == std::string::npos) {
    const process::Received some = process::receive_some(asks.number(), buffer, sizeof buffer);
    if (some.io != process::Io::ok) return {};
    text.append(buffer, some.bytes);
  }
  const auto line = text.find("\n" + function + "\t");
  if (line == std::string::npos) return {};
  std::vector<int> numbers(3);
  if (std::sscanf(text.c_str() + line + 1 + function.size(), "\t%d\t%d\t%d", &numbers[0], &numbers[1], &numbers[2]) !=
      3) {
    return {};
  }
  return numbers;
}

}  // namespace pool::testing

// main() of a test program that is its own worker, and the jobs that misbehave in every way there is.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/process/child.hpp>
#include <pool/process/frame.hpp>
#include <pool/process/jobs.hpp>
#include <pool/process/process_pool.hpp>
#include <pool/process/worker_main.hpp>
#include <pool/testing/captured.hpp>
#include <pool/testing/process.hpp>
#include <pool/testing/watchdog.hpp>

namespace pool::process::testing {

using pool::testing::descriptor_count;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

// A folder of a test's own, in which jobs leave what they have to say.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "pool-process-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }
  [[nodiscard]] bool has(const std::string& name) const { return std::filesystem::exists(path_ / name); }

 private:
  std::filesystem::path path_;
};

// Waits until something is true that another thread or process is about to make true. The watchdog is the limit.
template <class F>
void until(F&& f) {
  while (!f()) std::this_thread::yield();
}

inline std::vector<pid_t> children() {
  std::vector<pid_t> all;
  for (const int id : pool::testing::thread_ids()) {
    std::ifstream of("/proc/self/task/" + std::to_string(id) + "/children");
    for (pid_t pid = 0; of >> pid;) all.push_back(pid);
  }
  return all;
}

// As ps(1) shows it: R, S, T for stopped, Z for a zombie; X: there is none.
inline char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto end = text.rfind(')');
  return end != std::string::npos ? text[end + 2] : 'X';
}

inline bool is_alive(pid_t pid) {
  return state_of(pid) != 'Z' && state_of(pid) != 'X';
}

[[noreturn]] inline void die_of(int signal) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal, SIG_DFL);  // the sanitizers have handlers
  std::raise(signal);
  std::abort();
}

inline void touch(const std::string& file) {
  std::ofstream(file) << getpid();
}

[[noreturn]] inline void hang() {
  for (;;) pause();
}

inline void register_jobs(Jobs& jobs) {
  jobs.add("echo", [](const json& argument) { return argument; });
  jobs.add("add", [](const json& argument) { return json(argument.at("a").get<int>() + argument.at("b").get<int>()); });
  jobs.add("pid", [](const json&) { return json(getpid()); });
  jobs.add("state", [](const json&, const JobContext& context) { return context.state; });
  jobs.add("throw", [](const json& argument) -> json { throw std::out_of_range(argument.get<std::string>()); });
  jobs.add("throw_int", [](const json&) -> json { throw 7; });
  jobs.add("signal", [](const json& argument) -> json { die_of(argument.get<int>()); });
  jobs.add("exit", [](const json& argument) -> json { std::_Exit(argument.get<int>()); });
  jobs.add("std_exit", [](const json& argument) -> json { std::exit(argument.get<int>()); });
  jobs.add("end_thread", [](const json&) -> json { pthread_exit(nullptr); });
  jobs.add("close", [](const json&) -> json {
    close(kDataSocket);
    hang();
  });
  jobs.add("garbage", [](const json&) -> json {
    static_cast<void>(send_all(kDataSocket, "this is no message of ours, and it is long enough"));
    hang();
  });
  jobs.add("send", [](const json& argument) -> json {  // a message of the job's own
    Frame frame;
    frame.kind = static_cast<FrameKind>(argument.at("kind").get<int>());
    frame.job = argument.at("job").get<std::uint64_t>();
    frame.payload = argument.value("payload", "");
    static_cast<void>(send_all(kDataSocket, encode(frame)));
    hang();
  });
  jobs.add("stop", [](const json&) -> json {
    std::raise(SIGSTOP);
    return "went on";
  });
  jobs.add("bytes", [](const json& argument) { return json(std::string(argument.get<std::size_t>(), 'x')); });
  jobs.add("not_utf8", [](const json&) { return json(std::string("\xff\xfe")); });
  jobs.add("not_finite", [](const json&) { return json(std::numeric_limits<double>::infinity()); });
  jobs.add("take_memory", [](const json& argument) {
    const std::vector<char> taken(argument.get<std::size_t>(), 'x');
    return json(taken.size());
  });
  jobs.add("hang", [](const json& argument) -> json {  // whatever it is told, but for a signal
    touch(argument.get<std::string>());
    hang();
  });
  jobs.add("hang_for_good", [](const json& argument) -> json {
    std::signal(SIGTERM, SIG_IGN);
    touch(argument.get<std::string>());
    hang();
  });
  jobs.add("on_sigterm_answer", [](const json& argument) {
    sigset_t terminate;
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &terminate, nullptr);
    touch(argument.get<std::string>());
    int got = 0;
    sigwait(&terminate, &got);
    return json("answered");
  });
  jobs.add("until_cancelled", [](const json& argument, const JobContext& context) -> json {
    touch(argument.get<std::string>());
    while (!context.token.wait(std::chrono::hours(1))) {
    }
    context.token.throw_if_cancelled();
    return nullptr;
  });
  jobs.add("finish_when_cancelled", [](const json& argument, const JobContext& context) {
    touch(argument.get<std::string>());
    while (!context.token.wait(std::chrono::hours(1))) {
    }
    return json(context.token.reason());
  });
  jobs.add("until_file", [](const json& argument) {
    touch(argument.at(0).get<std::string>());
    while (!std::filesystem::exists(argument.at(1).get<std::string>())) std::this_thread::yield();
    return json(getpid());
  });
  jobs.add("grandchild", [](const json& argument) -> json {
    const pid_t pid = fork();
    if (pid == 0) hang();
    std::ofstream(argument.get<std::string>()) << pid << std::endl;
    hang();
  });
  jobs.add("descriptors", [](const json&) { return json(descriptor_count()); });
  jobs.add("signals", [](const json&) {  // which of them are blocked or ignored
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    json found = json::array();
    for (const int number : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1, SIGPIPE, SIGHUP}) {
      struct sigaction action {};
      sigaction(number, nullptr, &action);
      if (sigismember(&blocked, number) != 0 || action.sa_handler != SIG_DFL) found.push_back(number);
    }
    return found;
  });
  jobs.add("nested", [](const json& argument) {
    ProcessPool pool({.max_workers = 1});
    return pool.submit("echo", argument).get();
  });
}

}  // namespace pool::process::testing

int main(int argc, char** argv) {
  pool::process::testing::register_jobs(pool::process::jobs());
  if (argc > 1 && std::string(argv[1]) == "--no-worker") return 9;  // a program that is none
  if (auto status = pool::process::worker_main(argc, argv)) return *status;
  if (argc > 2 && std::string(argv[1]) == "--parent") {  // one that is about to be killed
    pool::process::ProcessPool pool({.max_workers = 1});
    pool.submit("hang_for_good", argv[2]).wait();
  }
  pool::testing::keep_stderr();
  ::testing::InitGoogleMock(&argc, argv);
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  pool::testing::install_watchdog();
  return RUN_ALL_TESTS();
}

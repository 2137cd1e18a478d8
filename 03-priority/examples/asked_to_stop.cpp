// Three ways in which a job can hear that it should stop: it asks, it waits, or it is called back. One source cancels
// all three.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <latch>
#include <string>
#include <vector>

#include <pool/priority/thread_pool.hpp>

namespace {

using pool::priority::CancelSource;
using pool::priority::CancelToken;
using pool::priority::JobInfo;

// #region asks
std::size_t count_lines(const std::vector<std::string>& texts, const CancelToken& token) {
  std::size_t lines = 0;
  for (std::size_t i = 0;; i = (i + 1) % texts.size()) {
    token.throw_if_cancelled();  // between two texts nothing is half done
    lines += static_cast<std::size_t>(std::count(texts[i].begin(), texts[i].end(), '\n'));
  }
  return lines;
}
// #endregion asks

// #region waits
std::size_t watch(const CancelToken& token) {
  std::size_t looks = 0;
  do {
    ++looks;                                            // looks whether a file has changed, say
  } while (!token.wait(std::chrono::milliseconds(1)));  // where one would sleep
  return looks;
}
// #endregion waits

// #region called_back
std::size_t read_all(int socket, const CancelToken& token) {
  const auto hang_up = token.on_cancel([socket] { shutdown(socket, SHUT_RDWR); });
  std::array<char, 1024> buffer{};
  std::size_t bytes = 0;
  for (ssize_t got = 0; (got = read(socket, buffer.data(), buffer.size())) > 0;) bytes += static_cast<std::size_t>(got);
  return bytes;
}
// #endregion called_back

void print(const char* way, const JobInfo& info) {
  const std::string state(to_string(info.state));
  std::printf("%-12s %-9s reason: %s\n", way, state.c_str(), info.reason.c_str());
}

}  // namespace

int main() {
  const std::vector<std::string> texts{"one\ntwo\n", "three\n"};
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) != 0) return std::perror("socketpair"), 1;
  std::latch all_run(4);
  const auto together = [&all_run](auto work) {  // none is cancelled before all have started
    return [&all_run, work](const CancelToken& token) {
      all_run.arrive_and_wait();
      return work(token);
    };
  };
  // #region one_source
  pool::priority::ThreadPool pool({.workers = 3});
  const CancelSource folder;  // of everything that is done for one folder
  const auto start = [&](auto work) { return pool.launch({.token = folder.token()}, together(work)); };
  const auto lines = start([&](const CancelToken& token) { return count_lines(texts, token); });
  const auto looks = start([&](const CancelToken& token) { return watch(token); });
  const auto bytes = start([&](const CancelToken& token) { return read_all(sockets[0], token); });
  all_run.arrive_and_wait();
  folder.cancel("folder closed");
  pool.wait_idle();
  // #endregion one_source
  print("asks", lines.info());
  print("waits", looks.info());
  print("called back", bytes.info());
  for (const int socket : sockets) close(socket);
}

// Many calls that wait for a server: io_bound PORT [CALLS]. Workers wait, so there may be more of them than processors;
// blocking() tells the pool, which starts others meanwhile.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <poolcraft/pool.hpp>

namespace {

using namespace std::chrono_literals;

class Socket {
 public:
  Socket() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(fd_); }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// The body of http://127.0.0.1:port/n.
std::string get(std::uint16_t port, int n) {
  const Socket socket;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  const std::string request = "GET /" + std::to_string(n) + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
  if (send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    throw std::system_error(errno, std::generic_category(), "send");
  }
  std::string answer;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = recv(socket.fd(), buffer.data(), buffer.size(), 0)) > 0;) {
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const std::size_t body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.") || answer.find(" 200 ") == std::string::npos || body == std::string::npos) {
    throw std::runtime_error("no answer that could be read");
  }
  return answer.substr(body + 4);
}

// A coroutine: three attempts, and nobody waits between two of them.
poolcraft::Coroutine<std::string> fetch(poolcraft::ThreadPool& pool, std::uint16_t port, int n) {
  for (int attempt = 1;; ++attempt) {
    try {
      co_return pool.blocking([&] { return get(port, n); });
    } catch (const std::exception&) {
      if (attempt == 3) throw;
    }
    co_await pool.delay(10ms * attempt);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: io_bound PORT [CALLS]\n"), 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const int calls = argc > 2 ? std::atoi(argv[2]) : 100;
  poolcraft::ThreadPool pool({.min_workers = 4, .max_workers = 16});
  std::vector<poolcraft::Job<std::string>> pages;
  for (int n = 0; n < calls; ++n) {
    pages.push_back(pool.submit(poolcraft::TaskOptions{.name = "fetch " + std::to_string(n)}, fetch(pool, port, n)));
  }
  std::size_t bytes = 0;
  int failed = 0;
  for (const auto& page : pages) {
    try {
      bytes += page.get().size();
    } catch (const std::exception& error) {
      if (++failed == 1) std::fprintf(stderr, "%s: %s\n", page.name().c_str(), error.what());
    }
  }
  std::printf("%d of %d calls answered, %zu bytes\n", calls - failed, calls, bytes);
  return failed == 0 ? 0 : 1;
}

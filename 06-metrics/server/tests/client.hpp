// Client: a plain socket that says exactly what a test says, and reads what comes back.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace pool::testing {

struct Answer {
  int status = 0;  // 0: the other side closed without a word
  std::string head;
  std::string body;

  // The value of a header field; empty if there is none.
  [[nodiscard]] std::string field(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port, const char* host = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, host, &address.sin_addr);
    if (socket_ < 0 || connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      const int problem = errno;
      close();
      throw std::system_error(problem, std::generic_category(), "connect");
    }
  }
  Client(Client&& other) noexcept : socket_(std::exchange(other.socket_, -1)), bytes_(std::move(other.bytes_)) {}
  Client& operator=(Client&&) = delete;
  ~Client() { close(); }

  // False if the other side has gone.
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void send_end() const { shutdown(socket_, SHUT_WR); }

  Answer read() {
    Answer answer;
    std::size_t end = 0;
    while ((end = bytes_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return answer;
    }
    answer.head = bytes_.substr(0, end + 2);
    answer.status = std::atoi(answer.head.c_str() + 9);
    bytes_.erase(0, end + 4);
    const std::string length = answer.field("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (bytes_.size() < size && more()) {
    }
    answer.body = bytes_.substr(0, size);
    bytes_.erase(0, size);
    return answer;
  }

  Answer ask(std::string_view text) {
    send(text);
    return read();
  }

  // Waits for the end; false: something else came.
  bool is_closed() { return bytes_.empty() && !more(); }

 private:
  bool more() {
    char chunk[4096];
    ssize_t size = 0;
    do {
      size = recv(socket_, chunk, sizeof chunk, 0);
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return false;
    bytes_.append(chunk, static_cast<std::size_t>(size));
    return true;
  }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  int socket_;
  std::string bytes_;
};

inline std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}
inline std::string post(const std::string& target, const std::string& body,
                        const std::string& type = "application/json", const std::string& more = "") {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

// So many descriptors; what the system allows, if that is less.
inline std::size_t want_descriptors(std::size_t many) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < many) {
    limit.rlim_cur = std::min<rlim_t>(many, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace pool::testing

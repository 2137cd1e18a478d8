#include <pool/cluster/connection.hpp>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <pool/cluster/errors.hpp>

namespace pool::cluster {

namespace {

using process::Descriptor;
using process::Io;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses look_up(const Address& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) throw ClusterUnavailable(gai_strerror(error));
  return {found, &freeaddrinfo};
}

std::string text_of(int error) {
  return std::generic_category().message(error);
}

// Waits until the socket is ready for that, or throws.
void await(int socket, short what, Connection::Clock::time_point end, const char* for_what) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Connection::Clock::now()).count();
    pollfd one{socket, what, 0};
    const int ready = left > 0 ? poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 1 << 30))) : 0;
    if (ready > 0) return;
    if (ready == 0) throw ClusterUnavailable(std::string(for_what) + " in time");
    if (errno != EINTR) throw ClusterUnavailable(text_of(errno));
  }
}

// A server whose machine has gone is noticed: after half a minute of silence it is asked three times, ten seconds
// apart.
void watch_the_other_side(int socket) {
  const auto set = [socket](int level, int option, int value) {
    static_cast<void>(setsockopt(socket, level, option, &value, sizeof value));  // if it cannot be, it is not
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

Descriptor connected(const addrinfo& to, Connection::Clock::time_point end) {
  Descriptor made(socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol));
  if (!made.is_open()) throw ClusterUnavailable(text_of(errno));
  if (connect(made.number(), to.ai_addr, to.ai_addrlen) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) throw ClusterUnavailable(text_of(errno));
    await(made.number(), POLLOUT, end, "it did not take the connection");
    int error = 0;
    socklen_t size = sizeof error;
    static_cast<void>(getsockopt(made.number(), SOL_SOCKET, SO_ERROR, &error, &size));
    if (error != 0) throw ClusterUnavailable(text_of(error));
  }
  watch_the_other_side(made.number());
  return made;
}

}  // namespace

Connection Connection::open(const std::vector<Address>& servers, std::chrono::milliseconds timeout) {
  std::string why;
  const auto share = timeout / static_cast<std::int64_t>(servers.size());
  for (const Address& address : servers) {
    Connection made;
    try {
      const Clock::time_point end = Clock::now() + share;
      made.connect(address, end);
      made.expect_echo(end);
      return made;
    } catch (const basic::PoolError& error) {
      why += (why.empty() ? "" : "; ") + to_string(address) + ": " + error.what();
    }
  }
  throw ClusterUnavailable("cluster: no job server can be reached (" + why + "); is gearmand running?");
}

void Connection::connect(const Address& address, Clock::time_point end) {
  server_ = to_string(address);
  const Addresses found = look_up(address);
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    try {
      socket_ = connected(*one, end);
      return;
    } catch (const ClusterUnavailable&) {
      if (one->ai_next == nullptr) throw;
    }
  }
}

void Connection::expect_echo(Clock::time_point end) {
  constexpr const char* kText = "poolcraft";
  put(encode({Command::echo, {kText}}));
  while (has_to_send()) {
    if (!send()) throw ClusterUnavailable("it closes the connection");
    if (has_to_send()) await(number(), POLLOUT, end, "it reads nothing");
  }
  std::optional<Packet> answer = next();
  while (!answer) {
    await(number(), POLLIN, end, "it takes connections, but does not answer");
    if (!receive()) throw ClusterUnavailable("it closes the connection");
    answer = next();
  }
  if (*answer != Packet{Command::echoed, {kText}}) throw ClusterUnavailable("it does not send back what it was sent");
}

bool Connection::send() {
  const process::Sent sent = process::send_some(number(), std::string_view(out_).substr(sent_));
  sent_ += sent.bytes;
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  return sent.io != Io::ended;
}

bool Connection::receive() {
  std::array<char, 64 << 10> buffer{};
  const process::Received received = process::receive_some(number(), buffer.data(), buffer.size());
  reader_.feed({buffer.data(), received.bytes});
  return received.io != Io::ended;
}

}  // namespace pool::cluster

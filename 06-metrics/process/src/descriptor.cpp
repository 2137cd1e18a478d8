#include <pool/process/descriptor.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace pool::process {

void Descriptor::close() {
  if (is_open()) ::close(std::exchange(number_, -1));  // never again after EINTR: on Linux it is closed
}

std::pair<Descriptor, Descriptor> socket_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "process: a pair of sockets");
  }
  Descriptor ours(ends[0]);
  const Descriptor low(ends[1]);
  constexpr int kFirstFree = 10;
  Descriptor theirs(fcntl(low.number(), F_DUPFD_CLOEXEC, kFirstFree));
  if (!theirs.is_open() || fcntl(ours.number(), F_SETFL, O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "process: a pair of sockets");
  }
  return {std::move(ours), std::move(theirs)};
}

namespace {
bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}
}  // namespace

Sent send_some(int socket, std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return {sent, would_block(errno) ? Io::blocked : Io::ended};
    }
  }
  return {sent, Io::ok};
}

bool send_all(int socket, std::string_view bytes) {
  return send_some(socket, bytes).io == Io::ok;
}

Received receive_some(int socket, char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t count = recv(socket, buffer, size, 0);
    if (count > 0) return {static_cast<std::size_t>(count), Io::ok};
    if (count == 0) return {0, Io::ended};
    if (errno != EINTR) return {0, would_block(errno) ? Io::blocked : Io::ended, errno == ECONNRESET};
  }
}

}  // namespace pool::process

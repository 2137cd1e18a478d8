// Descriptor: an open file of the system, which is closed with it. And the few calls on sockets that the room makes.
//
// Thread safety: none of its own.
// All descriptors are made close-on-exec, so a program that the user starts meanwhile inherits none. A call that a signal
// interrupts is made again.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace pool::process {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  void close();
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Two ends of one stream. The first does not block, the second does and has a number from 10 on, so that it is not in
// the way of what a child gets. Throws std::system_error.
[[nodiscard]] std::pair<Descriptor, Descriptor> socket_pair();

enum class Io { ok, blocked, ended };  // ended: the other side is gone

// Sends what it can: so many bytes. Never raises SIGPIPE.
struct Sent {
  std::size_t bytes;
  Io io;
};
[[nodiscard]] Sent send_some(int socket, std::string_view bytes);
// Sends all, waiting for room. False: the other side is gone.
[[nodiscard]] bool send_all(int socket, std::string_view bytes);

// Receives what there is, up to `size` bytes. Waits for it if the descriptor blocks.
struct Received {
  std::size_t bytes;
  Io io;
  bool unread = false;  // it ended, and the other side had not read all: unix(7), ECONNRESET
};
[[nodiscard]] Received receive_some(int socket, char* buffer, std::size_t size);

}  // namespace pool::process

// Connection: one to a job server. Every step of making it is bounded, and what it sends while it is used waits for
// nobody.
//
// A server is there when it has sent an echo back: so one that hangs is found out here, and so is a program that speaks
// something else on that port.
// Thread safety: none of its own.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pool/cluster/packet.hpp>
#include <pool/cluster/servers.hpp>
#include <pool/process/descriptor.hpp>

namespace pool::cluster {

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  Connection() = default;  // none
  // Tries the servers in their order, each for its share of the time. Throws ClusterUnavailable, which says of each why
  // not. (A name is looked up by the system, which may take its own time; an address is not.)
  [[nodiscard]] static Connection open(const std::vector<Address>& servers, std::chrono::milliseconds timeout);

  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] int number() const { return socket_.number(); }
  [[nodiscard]] const std::string& server() const { return server_; }

  // Adds to what is to be sent.
  void put(std::string_view bytes) { out_.append(bytes); }
  [[nodiscard]] bool has_to_send() const { return sent_ < out_.size(); }
  // Send what the other side takes, and receive what there is. False: the connection is lost.
  [[nodiscard]] bool send();
  [[nodiscard]] bool receive();
  // The next packet; none: it has not come yet. Throws process::ProtocolError.
  [[nodiscard]] std::optional<Packet> next() { return reader_.next(); }

 private:
  void connect(const Address& address, Clock::time_point end);
  void expect_echo(Clock::time_point end);

  process::Descriptor socket_;
  std::string server_;
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  PacketReader reader_;
};

}  // namespace pool::cluster

// Packet: what goes over the wire between a client and gearmand. A header of 12 bytes and fields:
//
//   bytes 0–3    a zero byte and "REQ" to the server, or "RES" from it
//   bytes 4–7    command, big-endian
//   bytes 8–11   length of what follows, big-endian
//                the fields, a zero byte between each two; so only the last may contain one
//
// The protocol is described in gearmand's own PROTOCOL file; libgearman's header protocol.h has the numbers.
// Thread safety: values; a PacketReader belongs to one thread.
// Invariants:  (P1) a reader gives the packets that were encoded, however the bytes were cut
//              (P2) a header that is none, or announces more than the limit, is refused before its fields come
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pool::cluster {

enum class Command : std::uint32_t {
  submit = 7,     // function, unique id, workload
  created = 8,    // handle
  status = 12,    // handle, numerator, denominator
  complete = 13,  // handle, result
  fail = 14,      // handle
  echo = 16,      // anything,
  echoed = 17,    // which comes back
  submit_background = 18,
  error = 19,  // code, text
  submit_high = 21,
  exception = 25,  // handle, text
  data = 28,       // handle, data
  warning = 29,    // handle, data
  submit_high_background = 32,
  submit_low = 33,
  submit_low_background = 34,
};

inline constexpr std::size_t kPacketHeader = 12;
inline constexpr std::size_t kMaxPacket = (64U << 20U) + 1024;  // bytes of the fields

struct Packet {
  Command command{};
  std::vector<std::string> fields;
  friend bool operator==(const Packet&, const Packet&) = default;
};

enum class Magic { request, response };

// Throws std::length_error for more than kMaxPacket.
[[nodiscard]] std::string encode(const Packet& packet, Magic magic = Magic::request);

class PacketReader {
 public:
  explicit PacketReader(Magic magic = Magic::response) : magic_(magic) {}

  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next packet; none: it is not complete. Throws process::ProtocolError for anything else.
  [[nodiscard]] std::optional<Packet> next();

 private:
  Magic magic_;
  std::string buffer_;
  std::size_t at_ = 0;  // before that, all was given
};

}  // namespace pool::cluster

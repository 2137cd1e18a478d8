#include <pool/cluster/packet.hpp>

#include <array>
#include <stdexcept>

#include <pool/process/errors.hpp>

namespace pool::cluster {

namespace {

using process::ProtocolError;

constexpr std::string_view kRequest{"\0REQ", 4};
constexpr std::string_view kResponse{"\0RES", 4};

std::string_view bytes_of(Magic magic) {
  return magic == Magic::request ? kRequest : kResponse;
}

void put(std::string& out, std::uint32_t number) {
  for (unsigned shift = 32; shift > 0; shift -= 8) out.push_back(static_cast<char>(number >> (shift - 8) & 0xFFU));
}

std::uint32_t number_at(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char c : bytes.substr(0, 4)) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

// How many fields the packets have that a client gets.
std::size_t fields_of(Command command) {
  switch (command) {
    case Command::created:
    case Command::fail:
    case Command::echo:
    case Command::echoed:
      return 1;
    case Command::complete:
    case Command::error:
    case Command::exception:
    case Command::data:
    case Command::warning:
      return 2;
    case Command::submit:
    case Command::submit_background:
    case Command::submit_high:
    case Command::submit_high_background:
    case Command::submit_low:
    case Command::submit_low_background:
    case Command::status:
      return 3;
  }
  throw ProtocolError("cluster: the job server sends command " + std::to_string(static_cast<std::uint32_t>(command)) +
                      ", which no client expects");
}

}  // namespace

std::string encode(const Packet& packet, Magic magic) {
  std::size_t size = packet.fields.empty() ? 0 : packet.fields.size() - 1;
  for (const std::string& field : packet.fields) size += field.size();
  if (size > kMaxPacket) throw std::length_error("cluster: a packet takes at most 64 MiB");
  std::string out(bytes_of(magic));
  out.reserve(kPacketHeader + size);
  put(out, static_cast<std::uint32_t>(packet.command));
  put(out, static_cast<std::uint32_t>(size));
  for (std::size_t i = 0; i < packet.fields.size(); ++i) {
    if (i != 0) out.push_back('\0');
    out += packet.fields[i];
  }
  return out;
}

std::optional<Packet> PacketReader::next() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  const std::string_view magic = rest.substr(0, 4);
  if (magic != bytes_of(magic_).substr(0, magic.size())) {
    throw ProtocolError("cluster: what answers does not speak Gearman");
  }
  if (rest.size() < kPacketHeader) return std::nullopt;
  Packet packet{static_cast<Command>(number_at(rest.substr(4))), {}};
  const std::size_t size = number_at(rest.substr(8));
  const std::size_t fields = fields_of(packet.command);
  if (size > kMaxPacket) throw ProtocolError("cluster: the job server announces a packet of more than 64 MiB");
  if (rest.size() < kPacketHeader + size) return std::nullopt;

  std::string_view body = rest.substr(kPacketHeader, size);
  while (packet.fields.size() + 1 < fields) {
    const auto zero = body.find('\0');
    if (zero == std::string_view::npos) throw ProtocolError("cluster: a packet of the job server lacks a field");
    packet.fields.emplace_back(body.substr(0, zero));
    body.remove_prefix(zero + 1);
  }
  packet.fields.emplace_back(body);
  at_ += kPacketHeader + size;
  if (at_ == buffer_.size() || at_ > (1U << 20U)) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  return packet;
}

}  // namespace pool::cluster

#include <pool/process/frame.hpp>

#include <limits>
#include <stdexcept>

#include <pool/process/errors.hpp>

#include "bytes.hpp"

namespace pool::process {

namespace {

constexpr std::string_view kMagic = "PCFT";

}  // namespace

std::string encode(const Frame& frame) {
  if (frame.payload.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::length_error("process: a message of more than 4 GiB");
  }
  std::string bytes;
  bytes.reserve(kHeaderSize + frame.payload.size());
  bytes += kMagic;
  put(bytes, kProtocolVersion);
  put(bytes, static_cast<std::uint8_t>(frame.kind));
  put(bytes, frame.flags);
  put(bytes, std::uint8_t{0});
  put(bytes, static_cast<std::uint32_t>(frame.payload.size()));
  put(bytes, frame.job);
  bytes += frame.payload;
  return bytes;
}

// The length of the payload.
std::size_t FrameReader::check_header(std::string_view header) const {
  if (!header.starts_with(kMagic)) throw ProtocolError("process: what came is no message");
  const auto version = get<std::uint8_t>(header.substr(4));
  if (version != kProtocolVersion) {
    throw ProtocolError("process: a message of version " + std::to_string(version) + ", but this is version " +
                        std::to_string(kProtocolVersion) + "; both sides have to be of one build");
  }
  const auto kind = get<std::uint8_t>(header.substr(5));
  if (kind < static_cast<std::uint8_t>(FrameKind::setup) || kind > static_cast<std::uint8_t>(FrameKind::cancelled)) {
    throw ProtocolError("process: there are no messages of kind " + std::to_string(kind));
  }
  if (header[7] != 0) throw ProtocolError("process: a message has something in a byte that is 0");
  const std::size_t length = get<std::uint32_t>(header.substr(8));
  if (length > max_payload_) {
    throw ProtocolError("process: a message of " + std::to_string(length) + " bytes, but there may be " +
                        std::to_string(max_payload_));
  }
  return length;
}

std::optional<Frame> FrameReader::next() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (rest.size() < kHeaderSize) return std::nullopt;
  const std::size_t length = check_header(rest);  // what is wrong stays where it is: so the next call says the same
  if (rest.size() - kHeaderSize < length) return std::nullopt;
  Frame frame;
  frame.kind = static_cast<FrameKind>(get<std::uint8_t>(rest.substr(5)));
  frame.flags = get<std::uint8_t>(rest.substr(6));
  frame.job = get<std::uint64_t>(rest.substr(12));
  frame.payload = rest.substr(kHeaderSize, length);
  at_ += kHeaderSize + length;
  if (at_ == buffer_.size()) {
    constexpr std::size_t kKept = 1U << 16U;  // the memory of a large message is given back
    if (buffer_.capacity() > kKept) {
      std::string().swap(buffer_);
    } else {
      buffer_.clear();
    }
    at_ = 0;
  }
  return frame;
}

std::string encode(const Call& call) {
  std::string bytes;
  bytes.reserve(2 + call.name.size() + call.argument.size());
  put(bytes, static_cast<std::uint16_t>(call.name.size()));
  bytes += call.name;
  bytes += call.argument;
  return bytes;
}

Call decode_call(std::string_view payload) {
  if (payload.size() < 2) throw ProtocolError("process: a job without a name");
  const std::size_t length = get<std::uint16_t>(payload);
  payload.remove_prefix(2);
  if (length == 0 || payload.size() < length) throw ProtocolError("process: a job's name is cut off");
  return {std::string(payload.substr(0, length)), std::string(payload.substr(length))};
}

}  // namespace pool::process

// Frame: what goes over the socket between a pool and its workers. A header of 20 bytes and a payload:
//
//   bytes 0–3    "PCFT"
//   byte  4      version of the protocol
//   byte  5      kind
//   byte  6      flags
//   byte  7      0
//   bytes 8–11   length of the payload, little-endian
//   bytes 12–19  number of the job that it is about, little-endian; 0: none
//
// Thread safety: values; a FrameReader belongs to one thread.
// Invariants:  (F1) a reader gives the frames that were encoded, however the bytes were cut
//              (F2) it holds no more than one frame's bytes and what was fed beyond them; a header that announces more
//                   than the limit is refused before the payload comes
//              (F3) after an error it gives nothing but that error
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pool::process {

inline constexpr std::uint8_t kProtocolVersion = 1;
inline constexpr std::size_t kHeaderSize = 20;
inline constexpr std::size_t kDefaultMaxMessage = 64U << 20U;  // bytes of a payload

enum class FrameKind : std::uint8_t {
  setup = 1,  // to the worker: its limits and its state, once
  ready,      // from it: it takes jobs
  run,        // to it: a job
  cancel,     // to it: the job should stop
  result,     // from it: what the job gave,
  failed,     //          what it threw,
  cancelled,  //          or that it stopped, and why
};

inline constexpr std::uint8_t kLeaving = 1;  // a flag of an answer: the worker wants to be replaced

struct Frame {
  FrameKind kind = FrameKind::setup;
  std::uint64_t job = 0;
  std::string payload;
  std::uint8_t flags = 0;
  friend bool operator==(const Frame&, const Frame&) = default;
};

// A payload of more than 4 GiB throws std::length_error.
[[nodiscard]] std::string encode(const Frame& frame);

class FrameReader {
 public:
  explicit FrameReader(std::size_t max_payload = kDefaultMaxMessage) : max_payload_(max_payload) {}

  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next frame; none: it is not complete. Throws ProtocolError for anything else.
  [[nodiscard]] std::optional<Frame> next();
  [[nodiscard]] std::size_t buffered() const { return buffer_.size() - at_; }  // bytes

 private:
  [[nodiscard]] std::size_t check_header(std::string_view header) const;

  std::size_t max_payload_;
  std::string buffer_;
  std::size_t at_ = 0;  // before that, all was given
};

// The payload of `run`: a job's name and its argument.
struct Call {
  std::string name;
  std::string argument;  // an encoded value
  friend bool operator==(const Call&, const Call&) = default;
};
[[nodiscard]] std::string encode(const Call& call);
[[nodiscard]] Call decode_call(std::string_view payload);  // throws ProtocolError

}  // namespace pool::process

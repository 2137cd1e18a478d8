// RequestReader: from bytes, as they come, to requests. The limits of one request, and what is malformed, are here.
//
// Thread safety: one thread at a time.
// Invariants:  (R1) it never holds more than header + 3 * body + one read, whatever the framing
//              (R2) after `refused` nothing more is read: where the next request would begin is not known
//              (R3) what is framed in two ways, or in one that the next server might read differently, is refused
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <pool/server/message.hpp>

namespace pool::server {

struct MessageLimits {
  std::size_t target = 2048;  // bytes
  std::size_t header = 8192;  // request line and all fields
  std::size_t fields = 100;   // so many of them
  std::size_t body = 65'536;  // bytes of content; on the wire, with chunk sizes and trailers, three times as much
};

class RequestReader {
 public:
  enum class [[nodiscard]] State{more, done, refused};

  explicit RequestReader(MessageLimits limits = {});
  ~RequestReader();

  // Takes these bytes and goes as far as it can. Behind a request that is done, it keeps them for the next.
  State feed(std::string_view bytes);

  [[nodiscard]] bool has_begun() const;    // something of the request has come
  [[nodiscard]] bool wants_continue();     // once: the other side waits for a word before it sends the body
  [[nodiscard]] bool keeps_alive() const;  // of the request that is done: another one may follow
  [[nodiscard]] Request take();            // the request that is done; feed("") goes on with the next
  [[nodiscard]] Response refusal() const;  // why it was refused

 private:
  struct Parser;

  State refuse(int status, std::string_view text);
  State read_header();
  State check_header();
  State read_body();

  const MessageLimits limits_;
  std::string bytes_;         // not parsed yet
  std::size_t searched_ = 0;  // so many of them have no end of the header
  std::size_t wire_ = 0;      // bytes of the body so far, as they came
  std::unique_ptr<Parser> parser_;
  bool in_body_ = false;
  bool expects_ = false;
  State state_ = State::more;
  Response refusal_;
};

}  // namespace pool::server

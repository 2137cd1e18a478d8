// HttpServer: HTTP/1.1 on a thread of its own; each connection is a coroutine on it.
//
//   HttpServer server({.port = 5000}, [](const Request& request) { return Response{}; });
//   server.drain(30s);       // no new connections; what is asked already is answered
//
// Thread safety: every member may be called from any thread; drain() and the destructor not from the handler.
// Invariants:  (H1) a request is complete within `request` seconds in all, or it is answered with 408
//              (H2) there are at most `connections` + kReserve connections. If there is no room, those that wait for a
//                   request go first, the oldest first; if all are at work, a place of the reserve is given: there
//                   `always` is answered, and all else 503
//              (H3) no request waits for another one's handler to return that `may_wait`
//              (H4) what the handler throws is 500, and nothing of it is said to the other side
// Fork: a child has no thread that serves. Static destruction: destroy it before main() returns.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <pool/server/message.hpp>
#include <pool/server/request_reader.hpp>

namespace pool::server {

struct HttpOptions {
  std::string host = "127.0.0.1";  // an address, or localhost
  std::uint16_t port = 5000;       // 0: one that is free
  MessageLimits limits = {};
  std::size_t connections = 1024;
  std::size_t requests = 1000;                        // on one connection, then it is closed
  std::chrono::milliseconds request{10'000};          // from its first byte to its last; and for the answer to be taken
  std::chrono::milliseconds idle{60'000};             // between two requests
  std::chrono::milliseconds reserve{1'000};           // the same as `request`, when there is no room
  std::function<bool(const Request&)> may_wait = {};  // its answer may take time: it is made on another thread
  std::function<bool(const Request&)> always = {};    // is answered even if there is no room
  std::function<void(const Request&, const Response&, std::chrono::nanoseconds)> on_answer = {};
  std::function<void(std::string_view what)> on_error = {};  // what went wrong here, for the log
};

// Says whether an address is one of this machine's own, which no other machine reaches.
[[nodiscard]] bool is_loopback(std::string_view host);

class HttpServer {
 public:
  using Handler = std::function<Response(const Request&)>;
  static constexpr std::size_t kReserve = 32;

  // Listens, and returns. Throws std::runtime_error, which says why it cannot.
  HttpServer(HttpOptions options, Handler handler);
  ~HttpServer();  // drain(0)
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections() const;

  // Closes the door and all connections that wait for a request, and waits until the others have got their answers; who
  // has not by then is cut off. Again: does nothing.
  void drain(std::chrono::milliseconds timeout);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pool::server

// Guard: who may ask. It stands before all routes: the right host, the right site, the right token.
//
// How dashboards get people hacked, and what is done about it:
//   a page of another site sends requests to 127.0.0.1   Origin and Sec-Fetch-Site must be our own            403
//   a name of another site comes to mean 127.0.0.1       Host must be one that we listen on                   421
//   somebody on the network asks                         127.0.0.1 only, unless there is a token              401
//   a token is found out byte by byte                    it is compared in a time that does not tell
//   a token is guessed                                   ten wrong ones, and the address has to wait           429
//
// Thread safety: every member may be called from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <pool/priority/clock.hpp>
#include <pool/server/attempts.hpp>
#include <pool/server/message.hpp>

namespace pool::server {

inline constexpr std::size_t kShortestToken = 8;  // bytes

struct GuardOptions {
  std::string host = "127.0.0.1";               // that we listen on
  std::vector<std::string> allowed_hosts = {};  // other names we are known by, such as a proxy's
  std::string token = {};                       // empty: none is asked for
  const priority::Clock* clock = nullptr;       // null: the steady clock
};

class Guard {
 public:
  // Throws std::invalid_argument for a host that others can reach without a token, and for a token that is too short.
  explicit Guard(GuardOptions options);

  // What is to be answered in place of the request's own answer; nothing if it may pass.
  [[nodiscard]] std::optional<Response> refuses(const Request& request) const;

  // POST /login with the form field `token`: a cookie that stands for it, and on to the page.
  [[nodiscard]] Response login(const Request& request) const;

 private:
  [[nodiscard]] bool knows_host(const Request& request) const;
  [[nodiscard]] std::optional<Response> asks_for_token(const Request& request) const;

  const GuardOptions options_;
  const std::string session_;  // what the cookie holds: not the token, and another one in each run
  mutable Attempts attempts_;
};

}  // namespace pool::server

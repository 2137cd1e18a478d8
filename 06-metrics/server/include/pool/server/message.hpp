// Request and Response: what the routes see of HTTP. No socket, no library.
//
// Thread safety: values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pool::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string target = "/";  // path and query, as they came
  Headers headers = {};      // names in lower case
  std::string body = {};
  std::string peer = {};  // the address of the other side

  // The first of that name, in lower case; null if there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
  [[nodiscard]] std::string_view path() const;   // without the query
  [[nodiscard]] std::string_view query() const;  // behind the question mark
};

struct Response {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
  Headers headers = {};
  bool close = false;  // and end the connection
};

// {"success": false, "error": text}
[[nodiscard]] Response error(int status, std::string_view text);
// The same for a server that is busy: 503, and when to try again.
[[nodiscard]] Response unavailable(std::string_view text, int retry_after_seconds = 1);

[[nodiscard]] std::string_view reason_phrase(int status);

// What every answer carries: no scripts but our own, in nobody's frame, nothing guessed, nothing kept.
[[nodiscard]] const Headers& standing_headers();

[[nodiscard]] std::string lower_case(std::string_view text);  // ASCII
// Equal; how long that takes does not tell where they differ.
[[nodiscard]] bool same_secret(std::string_view one, std::string_view other);

}  // namespace pool::server

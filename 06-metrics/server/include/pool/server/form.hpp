// What a request may carry: a form, or JSON; both as names and values.
//
// Thread safety: pure functions.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include <pool/server/message.hpp>

namespace pool::server {

using Form = std::map<std::string, std::string>;

// The request cannot be understood: the status says in which way.
class BadRequest : public std::runtime_error {
 public:
  BadRequest(int status, const std::string& what) : runtime_error(what), status_(status) {}
  [[nodiscard]] int status() const { return status_; }

 private:
  int status_;
};

// What %41 stands for, and in a form the plus. Throws BadRequest(400) for a bad escape.
[[nodiscard]] std::string unescape(std::string_view text, bool plus_is_space);

// application/x-www-form-urlencoded. Throws BadRequest(400) for a bad escape, a name that comes twice, and text that is
// not UTF-8.
[[nodiscard]] Form parse_form(std::string_view text);

// One flat object whose values are texts, numbers, true, false or null (which is as if it were not there). Throws
// BadRequest(400) for what is no JSON, too deep, or has a name twice.
[[nodiscard]] Form parse_json(std::string_view text);

// By the Content-Type; an empty body needs none. Throws BadRequest(415) for any other.
[[nodiscard]] Form parse_body(const Request& request);

}  // namespace pool::server

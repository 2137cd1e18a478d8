// Failure: an exception on its way to another process. What kind of error it was, its type and what it said.
//
// Thread safety: values and pure functions.
// Invariant:  (E1) a typed error of errors.hpp comes out as it went in; all else as JobFailed
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace pool::process {

struct Failure {
  enum class Kind : std::uint8_t { thrown = 1, unknown_job, bad_argument, result_too_large, not_serialisable, memory };
  Kind kind = Kind::thrown;
  std::string type;
  std::string what;
  friend bool operator==(const Failure&, const Failure&) = default;
};

[[nodiscard]] Failure failure_of(const std::exception_ptr& error);
[[nodiscard]] std::exception_ptr to_exception(const Failure& failure);

[[nodiscard]] std::string encode(const Failure& failure);
[[nodiscard]] Failure decode_failure(std::string_view payload);  // throws ProtocolError

}  // namespace pool::process

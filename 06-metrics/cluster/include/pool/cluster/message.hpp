// Messages: what a job's workload and its result look like, within the packets.
//
//   to the worker    "1/3 " and the argument: the first time of three
//   from it          'R' and the result, 'F' and a process::Failure, or 'L' and why it was given up
//
// Argument and result are bytes of process/wire.hpp.
//
// Thread safety: values and pure functions.
// Invariant:  (M1) what is no such message is a ProtocolError, and never a result
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <pool/cluster/errors.hpp>
#include <pool/process/failure.hpp>
#include <pool/process/wire.hpp>

namespace pool::cluster {

using process::json;

struct Request {
  json argument;
  unsigned delivery = 1;  // which sending this is: 1 is the first
  unsigned limit = 1;     // how often the job may be started, all in all
  friend bool operator==(const Request&, const Request&) = default;
};
[[nodiscard]] std::string request_message(std::string_view argument, unsigned delivery, unsigned limit);
[[nodiscard]] Request decode_request(std::string_view message);  // throws ProtocolError

[[nodiscard]] std::string result_message(const json& result);  // throws NotSerialisable, ResultTooLarge
[[nodiscard]] std::string failure_message(const std::exception_ptr& error);
[[nodiscard]] std::string lost_message(unsigned deliveries, std::string_view why);

// Gives the result, or throws what the job threw, RetriesSpent or ProtocolError.
[[nodiscard]] json decode_outcome(std::string_view message);

}  // namespace pool::cluster

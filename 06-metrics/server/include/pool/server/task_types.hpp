// Task types: what a request can ask for by name. They do real work, of a size that the parameter sets, and stop soon
// after they are cancelled.
//
//   compute      the primes up to param          100000      1 to 5000000
//   io           param blocks of 64 KiB, written to a temporary file and read again      64      1 to 1024
//   expression   arithmetic, through muParser    2*(3+4)^2   at most 200 characters
//   heavy        the product of two param x param matrices      160      1 to 800
//
// No type runs code that comes from outside: an expression has numbers, operators and functions, and nothing else.
//
// Thread safety: everything here may be called from any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <pool/priority/cancellation.hpp>

namespace pool::server {

using priority::CancelToken;

struct TaskType {
  std::string name;
  std::string default_param;
  std::string limits;  // of param, in words

  // What is wrong with a param; empty if nothing is. Takes next to no time, whatever the param.
  std::function<std::string(const std::string& param)> problem;
  // Does the work, and gives the result as text. Throws Cancelled soon after the token is.
  std::function<std::string(const std::string& param, const CancelToken& token)> run;
};

[[nodiscard]] const std::vector<TaskType>& task_types();
[[nodiscard]] const TaskType* task_type(std::string_view name);  // null: there is none

}  // namespace pool::server

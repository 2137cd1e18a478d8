// The files of the dashboard, compiled in: there is nothing to install beside the program, and nothing to be found on
// the network. Constants: for any thread.
#pragma once

#include <string>
#include <string_view>

namespace pool::server {

struct Asset {
  std::string_view name;
  std::string_view type;  // for Content-Type
  std::string content;
};

[[nodiscard]] const Asset* asset(std::string_view name);  // null: there is none

}  // namespace pool::server

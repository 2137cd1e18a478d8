// What the code calls the objects of an execution, read from the lines that use them: `changed_.notify_all();` or
// `std::lock_guard lock(mutex_);`. The code itself says nothing to the explorer, and pays nothing. It is done when a
// report is written; where the sources are not at hand, the objects stay "mutex#1", "cell#2".
#pragma once

#include <pool/testing/explorer/timeline.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pool::explorer {

// For each object its name, or "" if its lines do not agree on one. Objects of the same name are told apart by numbers.
std::vector<std::string> names_in_code(const std::vector<Event>& events, std::size_t objects);

// The names that this line of code may mean by an event such as "notify_all" or "lock".
std::vector<std::string> names_in_line(std::string_view line, std::string_view verb);

}  // namespace pool::explorer

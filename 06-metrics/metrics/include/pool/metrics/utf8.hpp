// Names come from anybody, and what shows them wants UTF-8. Pure functions: from any thread.
#pragma once

#include <string>
#include <string_view>

namespace pool::metrics {

// The text, with U+FFFD in place of each byte that belongs to no character (RFC 3629: no surrogates, nothing overlong).
[[nodiscard]] std::string valid_utf8(std::string_view text);

// As a JSON string, quotes included.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace pool::metrics

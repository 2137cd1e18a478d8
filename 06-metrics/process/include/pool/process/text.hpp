// JSON as text, as it goes to another process: what cannot be written is refused and not changed on the way.
//
// Thread safety: pure functions.
// Invariant:  (X1) from_text(to_text(value)) == value
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pool::process {

using json = nlohmann::json;

inline constexpr std::size_t kMaxDepth = 256;  // arrays and objects within each other

// Throws NotSerialisable, which says what it is about the value.
[[nodiscard]] std::string to_text(const json& value);

// Throws ProtocolError if that is no JSON, or is deeper than kMaxDepth.
[[nodiscard]] json from_text(std::string_view text);

}  // namespace pool::process

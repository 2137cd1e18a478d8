// A JSON value as bytes, as it goes to another process. Binary, since to write and to read numbers and large texts as
// JSON text takes ten times as long as all else; but nothing passes that JSON text could not hold.
//
//   0 null   1 false   2 true   3 int64   4 uint64   5 double   6 text: length, bytes   7 array: length, values
//   8 object: length, and for each member its name (length, bytes) and its value
//
// Lengths have four bytes, numbers eight, all little-endian.
// Thread safety: pure functions.
// Invariants:  (X1) from_bytes(to_bytes(value)) == value, and of the same types
//              (X2) whatever the bytes, from_bytes() gives a value that dump() can write, or throws; it uses memory in
//                   proportion to their number, and no more stack than kMaxDepth levels take
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pool::process {

using json = nlohmann::json;

inline constexpr std::size_t kMaxDepth = 256;  // arrays and objects within each other

// Throws NotSerialisable, which says what it is about the value.
[[nodiscard]] std::string to_bytes(const json& value);

// Throws ProtocolError.
[[nodiscard]] json from_bytes(std::string_view bytes);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace pool::process

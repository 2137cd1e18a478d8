// Servers: "127.0.0.1:4730", "gear-1,gear-2:4731", "[::1]:4730".
//
// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pool::cluster {

inline constexpr std::uint16_t kGearmanPort = 4730;

struct Address {
  std::string host;
  std::uint16_t port = kGearmanPort;
  friend bool operator==(const Address&, const Address&) = default;
};
[[nodiscard]] std::string to_string(const Address& address);

// Throws std::invalid_argument, which says what is wrong and what would be right. None is wrong, too.
[[nodiscard]] std::vector<Address> parse_servers(std::string_view text);

}  // namespace pool::cluster

#include <pool/cluster/servers.hpp>

#include <charconv>
#include <optional>
#include <stdexcept>

namespace pool::cluster {

namespace {

[[noreturn]] void refuse(std::string_view text, const char* why) {
  throw std::invalid_argument("cluster: '" + std::string(text) + "' is no job server: " + why +
                              "; right would be HOST, HOST:PORT or [IPv6]:PORT, several with commas between");
}

std::uint16_t parse_port(std::string_view whole, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    refuse(whole, "a port is a number from 1 to 65535");
  }
  return port;
}

Address parse_one(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) refuse(text, "the bracket is not closed");
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) refuse(text, "after the bracket comes :PORT");
    if (!rest.empty()) port = rest.substr(1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port->find(':') != std::string_view::npos) refuse(text, "an IPv6 address needs brackets");
  }
  if (host.empty()) refuse(text, "it has no host");
  for (const char c : host) {
    if (static_cast<unsigned char>(c) <= ' ') refuse(text, "a host has no blanks");
  }
  return {std::string(host), port ? parse_port(text, *port) : kGearmanPort};
}

}  // namespace

std::string to_string(const Address& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::vector<Address> parse_servers(std::string_view text) {
  std::vector<Address> all;
  while (true) {
    const auto comma = text.find(',');
    all.push_back(parse_one(text.substr(0, comma)));
    if (comma == std::string_view::npos) return all;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace pool::cluster

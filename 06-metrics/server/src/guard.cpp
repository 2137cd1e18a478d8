#include <pool/server/guard.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>

#include <pool/server/assets.hpp>
#include <pool/server/form.hpp>
#include <pool/server/http_server.hpp>

namespace pool::server {
namespace {

constexpr std::string_view kCookie = "poolcraft";

std::string random_text() {
  std::random_device random;
  std::string text;
  for (int word = 0; word < 8; ++word) {
    std::array<char, 9> digits{};
    std::snprintf(digits.data(), digits.size(), "%08x", random());
    text += digits.data();
  }
  return text;
}

// host[:port] without the port, in lower case; empty if it is none.
std::string name_of(std::string_view authority) {
  std::string_view name = authority;
  std::string_view port;
  if (name.starts_with('[')) {
    const std::size_t end = name.find(']');
    if (end == std::string_view::npos) return {};
    port = name.substr(end + 1);
    name = name.substr(0, end + 1);
    if (!port.empty() && !port.starts_with(':')) return {};
    port = port.empty() ? port : port.substr(1);
  } else if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
    port = name.substr(colon + 1);
    name = name.substr(0, colon);
  }
  if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) return {};
  if (name.ends_with('.')) name.remove_suffix(1);
  return lower_case(name);
}

bool is_address(const std::string& name) {
  return name.starts_with('[') || name.find_first_not_of("0123456789.") == std::string::npos;
}

bool is_wildcard(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

// The same host and port, where a port that the scheme implies may be left out.
bool is_own_origin(const std::string& origin, const std::string& host) {
  for (const auto& [scheme, port] : {std::pair{"http://", ":80"}, std::pair{"https://", ":443"}}) {
    const std::string own = lower_case(scheme + host);
    const std::string given = lower_case(origin);
    if (given == own || given + port == own || given == own + port) return true;
  }
  return false;
}

// The cookie of that name, out of `a=1; b=2`.
std::string_view cookie_of(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    std::string_view pair = cookies.substr(0, end);
    cookies = end == std::string_view::npos ? std::string_view() : cookies.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return {};
}

Response unauthorised(Response response) {
  response.status = 401;
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"poolcraft\"");
  return response;
}

Response too_many(Response response, int seconds) {
  response.status = 429;
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

std::string wait_for(int seconds) {
  return "there were too many wrong tokens from this address; try again in " + std::to_string(seconds) + " s";
}

Response login_page(const std::string& hint) {
  Response page;
  page.type = "text/html; charset=utf-8";
  page.body = asset("login.html")->content;
  const std::size_t place = page.body.find("<!--hint-->");
  const std::string shown = hint.empty() ? "" : "<p class=\"error\" role=\"alert\">" + hint + "</p>";
  if (place != std::string::npos) page.body.replace(place, 11, shown);
  return page;
}

}  // namespace

Guard::Guard(GuardOptions options)
    : options_(std::move(options)),
      session_(random_text()),
      attempts_(options_.clock == nullptr ? priority::steady_clock() : *options_.clock) {
  if (options_.token.empty() && !is_loopback(options_.host)) {
    throw std::invalid_argument("pool: other machines can reach " + options_.host +
                                "; give a token that they have to know (--token), or listen on 127.0.0.1");
  }
  if (!options_.token.empty() && options_.token.size() < kShortestToken) {
    throw std::invalid_argument("pool: a token of " + std::to_string(options_.token.size()) +
                                " bytes can be guessed; give one of " + std::to_string(kShortestToken) + " or more");
  }
  const auto& token = options_.token;
  const bool sendable = std::all_of(token.begin(), token.end(), [](char c) { return c >= ' ' && c <= '~'; }) &&
                        !token.starts_with(' ') && !token.ends_with(' ');
  if (!sendable)
    throw std::invalid_argument("pool: a token must be of ASCII that can be seen, with no space at its ends");
}

bool Guard::knows_host(const Request& request) const {
  const std::string* field = request.header("host");
  if (field == nullptr) return false;
  const std::string name = name_of(*field);
  if (name.empty()) return false;
  if (name == name_of(options_.host) || name == "[" + options_.host + "]") return true;
  if (is_loopback(options_.host) && (name == "localhost" || name == "127.0.0.1" || name == "[::1]")) return true;
  if (is_wildcard(options_.host) && (is_address(name) || name == "localhost")) return true;  // nobody can rebind those
  return std::any_of(options_.allowed_hosts.begin(), options_.allowed_hosts.end(),
                     [&](const std::string& host) { return name_of(host) == name; });
}

// Nothing if the request has the token, or the cookie. A wrong cookie is not counted: nobody guesses 32 random bytes, but
// every open page has one after a restart.
std::optional<Response> Guard::asks_for_token(const Request& request) const {
  if (options_.token.empty()) return std::nullopt;
  constexpr std::string_view scheme = "bearer ";
  const std::string* field = request.header("authorization");
  const std::string_view given = field == nullptr ? std::string_view() : std::string_view(*field);
  if (lower_case(given.substr(0, scheme.size())) == scheme) {
    const bool right = same_secret(options_.token, given.substr(scheme.size()));
    if (const int wait = attempts_.judge(request.peer, right); wait > 0)
      return too_many(error(429, wait_for(wait)), wait);
    if (right) return std::nullopt;
  } else if (const std::string* cookies = request.header("cookie")) {
    if (same_secret(session_, cookie_of(*cookies, kCookie))) return std::nullopt;
  }
  if (request.path() == "/") return unauthorised(login_page(""));
  return unauthorised(error(401, "a token is needed: Authorization: Bearer <token>"));
}

std::optional<Response> Guard::refuses(const Request& request) const {
  if (!knows_host(request)) return error(421, "this server is not known by the name in the Host field");
  if (request.method != "GET" && request.method != "HEAD") {
    const std::string* site = request.header("sec-fetch-site");
    const std::string* origin = request.header("origin");
    const bool foreign = site != nullptr && *site != "same-origin" && *site != "none";
    if (foreign || (origin != nullptr && !is_own_origin(*origin, *request.header("host")))) {
      return error(403, "the request comes from a page of another site");
    }
  }
  const std::string_view path = request.path();
  if (path == "/health" || path == "/login" || path == "/style.css" || path == "/favicon.svg") return std::nullopt;
  return asks_for_token(request);
}

Response Guard::login(const Request& request) const {
  const Form form = parse_body(request);
  const auto field = form.find("token");
  const bool right = !options_.token.empty() && field != form.end() && same_secret(options_.token, field->second);
  if (const int wait = attempts_.judge(request.peer, right); wait > 0)
    return too_many(login_page(wait_for(wait)), wait);
  if (!right) return unauthorised(login_page("That is not the token."));
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", "/");
  response.headers.emplace_back(
      "Set-Cookie", std::string(kCookie) + "=" + session_ + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400");
  return response;
}

}  // namespace pool::server

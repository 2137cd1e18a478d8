#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <pool/server/request_reader.hpp>

namespace pool::server {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kBesideTarget = 32;  // method, version and spaces of a request line

std::string text_of(boost::beast::string_view text) {
  return std::string(text.data(), text.size());
}

// Control characters, bare line ends and folded lines: nothing that two readers might read in two ways.
bool is_clean(std::string_view header) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto c = static_cast<unsigned char>(header[i]);
    if (c == '\r') {
      if (i + 1 == header.size() || header[i + 1] != '\n') return false;
      ++i;
      if (i + 1 < header.size() && (header[i + 1] == ' ' || header[i + 1] == '\t')) return false;
    } else if ((c < 0x20 && c != '\t') || c == 0x7f) {
      return false;
    }
  }
  return true;
}

}  // namespace

struct RequestReader::Parser {
  http::request_parser<http::string_body> http;
  Headers headers;  // those of the header; fields behind the body are dropped
};

RequestReader::RequestReader(MessageLimits limits) : limits_(limits), parser_(std::make_unique<Parser>()) {}
RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::refuse(int status, std::string_view text) {
  refusal_ = error(status, text);
  refusal_.close = true;
  bytes_.clear();
  return state_ = State::refused;
}

RequestReader::State RequestReader::feed(std::string_view bytes) {
  if (state_ == State::refused) return state_;
  bytes_.append(bytes);
  if (state_ == State::done) return state_;
  if (!in_body_ && read_header() != State::done) return state_;
  return read_body();
}

RequestReader::State RequestReader::read_header() {
  if (searched_ == 0 && bytes_.starts_with("\r\n")) bytes_.erase(0, 2);  // RFC 9112, 2.2: one empty line is skipped
  const std::size_t line = bytes_.find("\r\n");
  if (std::min(line, bytes_.size()) > limits_.target + kBesideTarget) {
    return refuse(414, "the target is longer than " + std::to_string(limits_.target) + " bytes");
  }
  const std::size_t end = bytes_.find("\r\n\r\n", searched_ < 3 ? 0 : searched_ - 3);
  if (std::min(end, bytes_.size()) > limits_.header) {
    return refuse(431, "the header is longer than " + std::to_string(limits_.header) + " bytes");
  }
  searched_ = bytes_.size();
  if (end == std::string::npos) return State::more;

  const std::size_t size = end + 4;
  if (!is_clean(std::string_view(bytes_).substr(0, size))) {
    return refuse(400, "malformed header: a control character, a bare line end or a folded line");
  }
  parser_->http.header_limit(static_cast<std::uint32_t>(size + 1));
  parser_->http.body_limit(limits_.body);
  boost::system::error_code problem;
  parser_->http.put(boost::asio::buffer(bytes_.data(), size), problem);
  if (problem == http::error::body_limit) {
    return refuse(413, "the body is longer than " + std::to_string(limits_.body) + " bytes");
  }
  if (problem && problem != http::error::need_more) return refuse(400, "malformed request: " + problem.message());
  if (!parser_->http.is_header_done()) return refuse(400, "malformed header");
  bytes_.erase(0, size);
  return check_header();
}

RequestReader::State RequestReader::check_header() {
  const auto& message = parser_->http.get();
  const auto count = [&](http::field name) { return message.count(name); };
  if (message.version() != 10 && message.version() != 11) return refuse(400, "HTTP/1.1 is spoken here, and HTTP/1.0");
  if (message.target().size() > limits_.target) {
    return refuse(414, "the target is longer than " + std::to_string(limits_.target) + " bytes");
  }
  if (message.target().empty() || message.target().front() != '/') return refuse(400, "the target must begin with /");
  const std::size_t hosts = count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) return refuse(400, "there must be one Host field");
  const std::size_t codings = count(http::field::transfer_encoding);
  if (count(http::field::content_length) + codings > 1) {
    return refuse(400, "the length of the body is given more than once");
  }
  if (codings == 1 &&
      (message.version() == 10 || lower_case(text_of(message[http::field::transfer_encoding])) != "chunked")) {
    return refuse(400, "the one transfer coding that is understood is chunked, in HTTP/1.1");
  }
  for (const auto& field : message) {
    if (parser_->headers.size() == limits_.fields) {
      return refuse(431, "there are more than " + std::to_string(limits_.fields) + " header fields");
    }
    parser_->headers.emplace_back(lower_case(text_of(field.name_string())), text_of(field.value()));
  }
  expects_ = lower_case(text_of(message[http::field::expect])) == "100-continue";
  parser_->http.eager(true);
  in_body_ = true;
  return State::done;
}

RequestReader::State RequestReader::read_body() {
  while (!parser_->http.is_done() && !bytes_.empty()) {
    boost::system::error_code problem;
    const std::size_t used = parser_->http.put(boost::asio::buffer(bytes_.data(), bytes_.size()), problem);
    bytes_.erase(0, used);
    wire_ += used;
    if (problem == http::error::body_limit ||
        wire_ + (parser_->http.is_done() ? 0 : bytes_.size()) > 3 * limits_.body) {
      return refuse(413, "the body is longer than " + std::to_string(limits_.body) + " bytes");
    }
    if (problem && problem != http::error::need_more) return refuse(400, "malformed body: " + problem.message());
    if (used == 0) break;
  }
  return state_ = parser_->http.is_done() ? State::done : State::more;
}

bool RequestReader::has_begun() const {
  return in_body_ || !bytes_.empty();
}

bool RequestReader::wants_continue() {
  return state_ == State::more && in_body_ && std::exchange(expects_, false);
}

bool RequestReader::keeps_alive() const {
  return parser_->http.get().keep_alive();
}

Request RequestReader::take() {
  auto message = parser_->http.release();
  Request request;
  request.method = text_of(message.method_string());
  request.target = text_of(message.target());
  request.headers = std::move(parser_->headers);
  request.body = std::move(message.body());
  parser_ = std::make_unique<Parser>();
  searched_ = wire_ = 0;
  in_body_ = expects_ = false;
  state_ = State::more;
  return request;
}

Response RequestReader::refusal() const {
  return refusal_;
}

}  // namespace pool::server

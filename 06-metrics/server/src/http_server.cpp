// The one translation unit with sockets in it.
#include <pool/server/http_server.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <future>
#include <list>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/sync.hpp>

namespace pool::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kLinger = 256 * 1024;  // bytes of a refused request that are read and dropped
constexpr Milliseconds kLingerTime{1'000};   // and for so long: closed sooner, the answer might get lost
constexpr Milliseconds kNoDescriptors{100};  // until the next try to accept

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

std::string on_the_wire(const Response& response, bool keep, bool with_body) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  const auto field = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  text.append(reason_phrase(response.status)).append("\r\n");
  field("Date", date());
  field("Server", "poolcraft");
  if (!response.body.empty()) field("Content-Type", response.type);
  field("Content-Length", std::to_string(response.body.size()));
  field("Connection", keep ? "keep-alive" : "close");
  for (const auto& [name, value] : standing_headers()) field(name, value);
  for (const auto& [name, value] : response.headers) field(name, value);
  text.append("\r\n");
  if (with_body) text.append(response.body);
  return text;
}

tcp::endpoint endpoint_of(asio::io_context& context, const HttpOptions& options) {
  error_code problem;
  const asio::ip::address address = asio::ip::make_address(options.host, problem);
  if (!problem) return {address, options.port};
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(options.host, std::to_string(options.port), problem);
  if (problem || found.empty()) {
    throw std::runtime_error("pool: no address is known for the host '" + options.host + "' (" + problem.message() +
                             "); give an address of this machine, such as 127.0.0.1");
  }
  return *found.begin();
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  error_code problem;
  const asio::ip::address address = asio::ip::make_address(std::string(host), problem);
  return !problem && address.is_loopback();
}

// All but the constructor, port(), connections() and what drain() does at first happens on the one thread.
class HttpServer::Impl {
 public:
  Impl(HttpOptions options, Handler handler);
  ~Impl();

  void drain(Milliseconds timeout);

  std::atomic<std::size_t> open{0};
  std::uint16_t port = 0;

 private:
  struct Session {
    explicit Session(tcp::socket the_socket, MessageLimits limits)
        : socket(std::move(the_socket)), timer(socket.get_executor()), reader(limits) {}
    tcp::socket socket;
    asio::steady_timer timer;
    RequestReader reader;
    std::string peer;
    bool reserved = false;  // there was no room for it
    bool late = false;      // its time was up
    unsigned round = 0;     // of limit(): a timer that rings for a former one is not heard
    std::size_t requests = 0;
    std::array<char, 8192> bytes{};
    std::list<std::shared_ptr<Session>>::iterator place;  // in all_
    std::optional<std::list<Session*>::iterator> idle;    // in idle_
  };
  using SessionPtr = std::shared_ptr<Session>;

  void listen();
  asio::awaitable<void> accept_all();
  void welcome(tcp::socket socket);
  asio::awaitable<void> serve(SessionPtr session);
  asio::awaitable<bool> serve_one(Session& session);
  asio::awaitable<RequestReader::State> read(Session& session);
  asio::awaitable<bool> write(Session& session, const std::string& text);
  asio::awaitable<void> linger(Session& session);
  asio::awaitable<Response> answer(Session& session, const Request& request);
  [[nodiscard]] Response call_handler(const Request& request) const;

  void limit(Session& session, Milliseconds time);
  static void unlimit(Session& session);
  void set_idle(Session& session, bool idle);
  static void close(Session& session);
  void close_oldest(bool reserved);
  void report(std::string_view what) const;
  void end_if_done();

  const HttpOptions options_;
  const Handler handler_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer retry_{context_};     // accepts again
  asio::steady_timer deadline_{context_};  // of the draining
  std::list<SessionPtr> all_;
  std::list<Session*> idle_;  // wait for a request, the oldest first
  std::size_t reserved_ = 0;
  bool draining_ = false;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  asio::thread_pool waiting_{2};  // handlers that may wait
  sync::mutex ending_;            // held by whoever waits for the thread
  sync::thread thread_;
};

HttpServer::Impl::Impl(HttpOptions options, Handler handler)
    : options_(std::move(options)), handler_(std::move(handler)), work_(asio::make_work_guard(context_)) {
  listen();
  asio::co_spawn(context_, accept_all(), asio::detached);
  const basic::SignalsBlocked blocked;
  thread_ = sync::thread([this] {
    basic::name_this_thread("http");
    while (true) {
      try {
        context_.run();
        return;
      } catch (const std::exception& problem) {
        report(problem.what());  // out of memory for one connection: the others go on
      }
    }
  });
}

HttpServer::Impl::~Impl() {
  drain(Milliseconds(0));
}

void HttpServer::Impl::listen() {
  const tcp::endpoint endpoint = endpoint_of(context_, options_);
  error_code problem;
  acceptor_.open(endpoint.protocol(), problem);
  if (!problem) acceptor_.set_option(tcp::acceptor::reuse_address(true), problem);
  if (!problem) acceptor_.bind(endpoint, problem);
  if (!problem) acceptor_.listen(tcp::acceptor::max_listen_connections, problem);
  if (problem) {
    throw std::runtime_error("pool: cannot listen on " + options_.host + ":" + std::to_string(options_.port) + ": " +
                             problem.message());
  }
  acceptor_.non_blocking(true);
  port = acceptor_.local_endpoint().port();
}

asio::awaitable<void> HttpServer::Impl::accept_all() {
  while (!draining_) {
    error_code problem;
    auto token = asio::redirect_error(asio::use_awaitable, problem);
    tcp::socket socket = co_await acceptor_.async_accept(token);
    if (draining_) break;
    if (!problem) {
      try {
        welcome(std::move(socket));
      } catch (const std::exception& refused) {
        report(refused.what());  // out of memory: the next one may have more luck
      }
      continue;
    }
    if (problem == asio::error::connection_aborted || problem == asio::error::interrupted) continue;
    // No descriptors, or no memory: at once again, it would be the same. Who does nothing may go.
    report("accept: " + problem.message());
    close_oldest(false);
    retry_.expires_after(kNoDescriptors);
    error_code cancelled;
    auto then = asio::redirect_error(asio::use_awaitable, cancelled);
    co_await retry_.async_wait(then);
  }
}

void HttpServer::Impl::welcome(tcp::socket socket) {
  const auto session = std::make_shared<Session>(std::move(socket), options_.limits);
  error_code ignored;
  session->socket.set_option(tcp::no_delay(true), ignored);
  const tcp::endpoint peer = session->socket.remote_endpoint(ignored);
  session->peer = peer.address().to_string(ignored);
  if (all_.size() - reserved_ >= options_.connections) {
    if (!idle_.empty()) {
      close_oldest(false);  // its coroutine ends soon; for a moment there is one more
    } else {
      session->reserved = true;
      if (reserved_ >= kReserve) close_oldest(true);
      ++reserved_;
    }
  }
  all_.push_back(session);
  session->place = std::prev(all_.end());
  open.store(all_.size());
  asio::co_spawn(context_, serve(session), asio::detached);
}

// The session is out of the lists before the socket is closed: it is counted by what it can still do.
void HttpServer::Impl::close_oldest(bool reserved) {
  if (!reserved) {
    if (!idle_.empty()) {
      Session& oldest = *idle_.front();
      set_idle(oldest, false);
      close(oldest);
    }
    return;
  }
  const auto oldest = std::find_if(all_.begin(), all_.end(), [](const SessionPtr& session) {
    return session->reserved && session->socket.is_open();
  });
  if (oldest != all_.end()) close(**oldest);
}

void HttpServer::Impl::close(Session& session) {
  unlimit(session);
  error_code ignored;
  session.socket.close(ignored);
}

void HttpServer::Impl::unlimit(Session& session) {
  ++session.round;
  error_code ignored;
  session.timer.cancel(ignored);
}

void HttpServer::Impl::set_idle(Session& session, bool idle) {
  if (session.idle.has_value() == idle) return;
  if (idle) {
    session.idle = idle_.insert(idle_.end(), &session);
  } else {
    idle_.erase(*session.idle);
    session.idle.reset();
  }
}

// Whatever the session waits for ends when the time is up.
void HttpServer::Impl::limit(Session& session, Milliseconds time) {
  session.late = false;
  session.timer.expires_after(time);
  session.timer.async_wait([kept = *session.place, round = ++session.round](const error_code& cancelled) {
    if (cancelled || kept->round != round || !kept->socket.is_open()) return;
    kept->late = true;
    error_code ignored;
    kept->socket.cancel(ignored);
  });
}

asio::awaitable<void> HttpServer::Impl::serve(SessionPtr session) {
  try {
    while (co_await serve_one(*session)) {
    }
  } catch (const std::exception& problem) {
    report(problem.what());
  }
  set_idle(*session, false);
  close(*session);
  if (session->reserved) --reserved_;
  all_.erase(session->place);
  open.store(all_.size());
  end_if_done();
}

// One request and its answer; false: it was the last.
asio::awaitable<bool> HttpServer::Impl::serve_one(Session& session) {
  using State = RequestReader::State;
  const State state = co_await read(session);
  if (state == State::more) {  // it has gone, was sent away, or is too late
    if (!session.late || !session.reader.has_begun()) co_return false;
    Response late = error(408, "the request was not complete within the time there is for it");
    const std::string text = on_the_wire(late, false, true);
    if (co_await write(session, text)) co_await linger(session);
    co_return false;
  }
  if (state == State::refused) {
    const std::string text = on_the_wire(session.reader.refusal(), false, true);
    if (co_await write(session, text)) co_await linger(session);
    co_return false;
  }
  const SteadyClock::time_point begin = SteadyClock::now();
  const bool wanted = session.reader.keeps_alive();
  Request request = session.reader.take();
  request.peer = session.peer;
  ++session.requests;
  const Response response = co_await answer(session, request);
  const bool keep =
      wanted && !response.close && !draining_ && !session.reserved && session.requests < options_.requests;
  const std::string text = on_the_wire(response, keep, request.method != "HEAD");
  if (options_.on_answer) options_.on_answer(request, response, SteadyClock::now() - begin);
  const bool written = co_await write(session, text);
  if (written && !keep) co_await linger(session);
  co_return written&& keep;
}

asio::awaitable<RequestReader::State> HttpServer::Impl::read(Session& session) {
  using State = RequestReader::State;
  State state = session.reader.feed({});
  const Milliseconds whole = session.reserved ? options_.reserve : options_.request;
  const bool first = session.requests == 0;
  bool begun = session.reader.has_begun();
  if (state == State::more) {
    limit(session, begun || first ? whole : options_.idle);
    set_idle(session, !begun && !session.reserved);
  }
  while (state == State::more) {
    if (draining_ && !begun) break;
    error_code problem;
    auto token = asio::redirect_error(asio::use_awaitable, problem);
    auto buffer = asio::buffer(session.bytes);
    const std::size_t size = co_await session.socket.async_read_some(buffer, token);
    if (problem || session.late) break;
    state = session.reader.feed({session.bytes.data(), size});
    if (!begun) {
      begun = true;
      set_idle(session, false);
      if (!first) limit(session, whole);  // the whole request, from its first byte
    }
    if (session.reader.wants_continue()) {
      const std::string text = "HTTP/1.1 100 Continue\r\n\r\n";
      auto word = asio::redirect_error(asio::use_awaitable, problem);
      auto out = asio::buffer(text);
      co_await asio::async_write(session.socket, out, word);
      if (problem) break;
    }
  }
  set_idle(session, false);
  unlimit(session);
  co_return state;
}

asio::awaitable<bool> HttpServer::Impl::write(Session& session, const std::string& text) {
  if (!session.socket.is_open()) co_return false;
  limit(session, options_.request);
  error_code problem;
  auto token = asio::redirect_error(asio::use_awaitable, problem);
  auto buffer = asio::buffer(text);
  co_await asio::async_write(session.socket, buffer, token);
  unlimit(session);
  co_return !problem;
}

// Closed with bytes unread, a socket resets the connection, and the answer may be lost on its way.
asio::awaitable<void> HttpServer::Impl::linger(Session& session) {
  error_code problem;
  session.socket.shutdown(tcp::socket::shutdown_send, problem);
  limit(session, kLingerTime);
  std::size_t dropped = 0;
  while (!problem && !session.late && dropped < kLinger) {
    auto token = asio::redirect_error(asio::use_awaitable, problem);
    auto buffer = asio::buffer(session.bytes);
    dropped += co_await session.socket.async_read_some(buffer, token);
  }
}

asio::awaitable<Response> HttpServer::Impl::answer(Session& session, const Request& request) {
  if (session.reserved && !(options_.always && options_.always(request))) {
    Response full = unavailable("there are too many connections");
    full.close = true;
    co_return full;
  }
  if (options_.may_wait && options_.may_wait(request)) {
    auto make = [this, &request]() -> asio::awaitable<Response> { co_return call_handler(request); };
    auto executor = waiting_.get_executor();
    Response response = co_await asio::co_spawn(executor, std::move(make), asio::use_awaitable);
    co_return response;
  }
  co_return call_handler(request);
}

Response HttpServer::Impl::call_handler(const Request& request) const {
  std::string what = "an exception that is no std::exception";
  try {
    return handler_(request);
  } catch (const std::exception& problem) {
    what = problem.what();
  } catch (...) {
  }
  report(request.method + " " + std::string(request.path()) + ": " + what);
  return error(500, "internal error");
}

void HttpServer::Impl::report(std::string_view what) const {
  if (options_.on_error) options_.on_error(what);
}

void HttpServer::Impl::end_if_done() {
  if (!draining_ || !all_.empty()) return;
  error_code ignored;
  deadline_.cancel(ignored);
  work_.reset();
}

void HttpServer::Impl::drain(Milliseconds timeout) {
  asio::post(context_, [this, timeout] {
    if (draining_) return;
    draining_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel(ignored);
    while (!idle_.empty()) close_oldest(false);
    deadline_.expires_after(timeout);
    deadline_.async_wait([this](const error_code& cancelled) {
      if (cancelled) return;
      for (const SessionPtr& session : all_) close(*session);
    });
    end_if_done();
  });
  const std::lock_guard lock(ending_);
  if (!thread_.joinable()) return;
  thread_.join();
  waiting_.join();
}

HttpServer::HttpServer(HttpOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

std::size_t HttpServer::connections() const {
  return impl_->open.load();
}

void HttpServer::drain(Milliseconds timeout) {
  impl_->drain(timeout);
}

}  // namespace pool::server

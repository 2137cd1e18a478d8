// The four use cases, as programs that are run; the second against a server that this test is.
#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace pool::flow {
namespace {

using ::testing::HasSubstr;

namespace beast = boost::beast;
using Tcp = boost::asio::ip::tcp;

struct Ran {
  int status = -1;
  std::string out;  // with what it says on stderr
};
// Runs the example that lies beside this program.
Ran run(const std::string& example) {
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  Ran ran;
  FILE* const pipe = popen(("'" + (folder / "flow_").string() + example + " 2>&1").c_str(), "r");  // NOLINT: ours
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    ran.out.append(buffer.data(), got);
  ran.status = pclose(pipe);
  return ran;
}

// Answers each GET with its target; the first one for each third target with an error.
class Server {
 public:
  Server() : acceptor_(context_, {boost::asio::ip::make_address("127.0.0.1"), 0}), thread_([this] { serve(); }) {}
  ~Server() {
    stopping_ = true;
    boost::asio::io_context context;
    Tcp::socket last(context);
    boost::system::error_code ignored;
    last.connect({boost::asio::ip::make_address("127.0.0.1"), port()}, ignored);  // wakes it
    thread_.join();
  }
  [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }
  std::atomic<int> answered = 0, refused = 0;

 private:
  void serve() {
    for (;;) {
      Tcp::socket socket(context_);
      acceptor_.accept(socket);
      if (stopping_) return;
      boost::system::error_code ignored;
      answer(socket, ignored);
    }
  }
  void answer(Tcp::socket& socket, boost::system::error_code& error) {
    beast::flat_buffer buffer;
    beast::http::request<beast::http::string_body> request;
    beast::http::read(socket, buffer, request, error);
    if (error) return;
    const std::string target(request.target());
    const bool fails = std::stoi(target.substr(1)) % 3 == 0 && seen_.insert(target).second;
    beast::http::response<beast::http::string_body> response(
        fails ? beast::http::status::service_unavailable : beast::http::status::ok, 11);
    response.body() = fails ? "busy" : target;
    response.keep_alive(false);
    response.prepare_payload();
    ++(fails ? refused : answered);
    beast::http::write(socket, response, error);
    socket.shutdown(Tcp::socket::shutdown_send, error);
  }

  boost::asio::io_context context_;
  Tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::set<std::string> seen_;
  std::thread thread_;
};

// S6.25: what a README shows is compiled, and does what it says.
TEST(Examples, AParallelMapOverData) {
  const Ran ran = run("parallel_map'");
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("303 primes below 2000, and 303 by a loop"));
}

TEST(Examples, CallsThatWaitForAServer) {
  Server server;
  const Ran ran = run("io_bound' " + std::to_string(server.port()) + " 60");
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("60 of 60 calls answered, 170 bytes"));
  EXPECT_EQ(server.answered, 60);
  EXPECT_EQ(server.refused, 20) << "each third one was asked for again";
}

TEST(Examples, WhatIsUrgentGoesFirst) {
  const Ran ran = run("priorities'");
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_EQ(ran.out, "alarm\ninvoice\nreport\nnewsletter\ntidy up\nyesterday's news: cancelled (deadline)\n");
}

TEST(Examples, ABatchOfTenThousandWithProgress) {
  const Ran ran = run("batch_progress'");
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("10000 tasks: 9999 completed, 1 failed"));
  EXPECT_THAT(ran.out, HasSubstr("square 6174 failed: nobody squares this one"));
}

}  // namespace
}  // namespace pool::flow

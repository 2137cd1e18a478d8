// HTTP itself: what is refused, what is kept within limits, and who has to wait for whom. The handler here only says
// what it was asked.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pool/server/http_server.hpp>
#include <pool/testing/gate.hpp>

#include "client.hpp"

namespace {

using namespace std::chrono_literals;
using pool::server::HttpOptions;
using pool::server::HttpServer;
using pool::server::Request;
using pool::server::Response;
using pool::testing::Answer;
using pool::testing::Client;
using pool::testing::Gate;
using pool::testing::get;
using pool::testing::post;

Response echo(const Request& request) {
  if (request.path() == "/throw") throw std::runtime_error("secret of the inside");
  return {.body = request.method + " " + request.target + " [" + request.body + "]", .type = "text/plain"};
}

HttpOptions small() {
  HttpOptions options;
  options.port = 0;
  options.limits = {.target = 200, .header = 1000, .fields = 20, .body = 1000};
  return options;
}

std::string chunked(const std::string& body, const std::string& more = "") {
  return "POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + more + "\r\n" + body;
}

Answer ask(const HttpServer& server, const std::string& text) {
  return Client(server.port()).ask(text);
}

// S6.18
TEST(Http, AnswersOneRequestAfterTheOtherOnOneConnection) {
  HttpServer server(small(), echo);
  Client client(server.port());
  EXPECT_EQ(client.ask(get("/a?b=c")).body, "GET /a?b=c []");
  EXPECT_EQ(client.ask(post("/b", "text")).body, "POST /b [text]");
  EXPECT_EQ(client.ask(chunked("4\r\ntext\r\n3;ext=1\r\nand\r\n0\r\nTrailer: 1\r\n\r\n")).body, "POST /x [textand]");
}

TEST(Http, AnswersWhatWasAskedAtOnceInTheSameOrder) {
  HttpServer server(small(), echo);
  Client client(server.port());
  client.send(get("/1") + post("/2", "two") + get("/3"));
  EXPECT_EQ(client.read().body, "GET /1 []");
  EXPECT_EQ(client.read().body, "POST /2 [two]");
  EXPECT_EQ(client.read().body, "GET /3 []");
}

TEST(Http, TakesARequestThatComesByteByByte) {
  HttpServer server(small(), echo);
  Client client(server.port());
  for (const char c : chunked("4\r\ntext\r\n0\r\n\r\n")) client.send(std::string(1, c));
  EXPECT_EQ(client.read().body, "POST /x [text]");
}

TEST(Http, SaysThatItGoesOnToWhoWaitsForIt) {
  HttpServer server(small(), echo);
  Client client(server.port());
  client.send("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  EXPECT_EQ(client.ask("ab").body, "POST /x [ab]");
}

TEST(Http, ClosesWhenAskedToAndAfterSoManyRequests) {
  HttpOptions options = small();
  options.requests = 2;
  HttpServer server(options, echo);
  Client one(server.port());
  EXPECT_EQ(one.ask(get("/", "Connection: close\r\n")).field("Connection"), "close");
  EXPECT_TRUE(one.is_closed());
  Client two(server.port());
  EXPECT_EQ(two.ask(get("/")).field("Connection"), "keep-alive");
  EXPECT_EQ(two.ask(get("/")).field("Connection"), "close");
  EXPECT_TRUE(two.is_closed());
}

TEST(Http, AHeadRequestGetsTheLengthAndNoBody) {
  HttpServer server(small(), echo);
  Client client(server.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.field("Content-Length"), "10");
  EXPECT_EQ(answer.body, "");
}

// The rows of the table that HTTP itself answers.
struct Refused {
  const char* name;
  int status;
  std::string request;
};
// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest looks for it
void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.name;
}
class HttpRefuses : public ::testing::TestWithParam<Refused> {};

// S6.23
TEST_P(HttpRefuses, AndCloses) {
  HttpServer server(small(), echo);
  Client client(server.port());
  client.send(GetParam().request);
  const Answer answer = client.read();
  ASSERT_EQ(answer.status, GetParam().status) << answer.head << answer.body;
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_NE(answer.body.find(R"({"success":false,"error":")"), std::string::npos) << answer.body;
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(ask(server, get("/after")).status, 200);
}

const std::string kHost = "Host: localhost\r\n";
std::vector<Refused> table() {
  using std::string;
  string many_fields;
  for (int i = 0; i < 30; ++i) many_fields += "X" + std::to_string(i) + ": 1\r\n";
  string tiny_chunks;
  for (int i = 0; i < 900; ++i) tiny_chunks += "1;" + string(20, 'e') + "\r\nx\r\n";
  return {
      {"TargetTooLong", 414, get("/" + string(300, 'a'))},
      {"TargetThatDoesNotEnd", 414, "GET /" + string(5000, 'a')},
      {"FieldTooLong", 431, get("/", "X: " + string(1000, 'a') + "\r\n")},
      {"HeaderThatDoesNotEnd", 431, "GET / HTTP/1.1\r\n" + string(3000, 'a')},
      {"TooManyFields", 431, get("/", many_fields)},
      {"BodyTooLong", 413, post("/", string(1001, 'x'))},
      {"BodyAnnouncedTooLong", 413, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 99999999\r\n\r\n"},
      {"ChunksTooLong", 413, chunked("3e9\r\n" + string(1001, 'x') + "\r\n0\r\n\r\n")},
      {"ManyChunksTooLong", 413, chunked("1f4\r\n" + string(500, 'x') + "\r\n1f5\r\n" + string(501, 'x') + "\r\n")},
      {"ChunkExtensionThatDoesNotEnd", 413, chunked("1;" + string(4000, 'e'))},
      {"ChunksThatAreMostlyExtensions", 413, chunked(tiny_chunks)},
      {"TrailersThatDoNotEnd", 413, chunked("0\r\n" + string("A: b\r\n") + "X: " + string(4000, 'e'))},
      {"TwoLengths", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {"TwoEqualLengths", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"},
      {"ListOfLengths", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1, 2\r\n\r\na"},
      {"NegativeLength", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: -1\r\n\r\na"},
      {"LengthBeyondNumbers", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 99999999999999999999999\r\n\r\na"},
      {"LengthAndChunked", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"ChunkedAndLength", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n"},
      {"CodingThatIsNotChunked", 400, "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: gzip\r\n\r\n"},
      {"CodingsBeforeChunked", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"TwoCodings", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
      {"NulInTheTarget", 400, "GET /a" + string(1, '\0') + " HTTP/1.1\r\n" + kHost + "\r\n"},
      {"NulInAField", 400, get("/", "X: a" + string(1, '\0') + "b\r\n")},
      {"BareLineFeed", 400, "GET / HTTP/1.1\nHost: localhost\n\r\n\r\n"},
      {"BareCarriageReturn", 400, get("/", "X: a\rY: b\r\n")},
      {"FoldedLine", 400, get("/", "X: a\r\n b\r\n")},
      {"SpaceBeforeColon", 400, get("/", "X : a\r\n")},
      {"NoColon", 400, get("/", "nothing\r\n")},
      {"BadChunkSize", 400, chunked("xyz\r\nab\r\n0\r\n\r\n")},
      {"NegativeChunkSize", 400, chunked("-1\r\nab\r\n0\r\n\r\n")},
      {"ChunkSizeBeyondNumbers", 400, chunked("fffffffffffffffff\r\nab\r\n0\r\n\r\n")},
      {"ChunkLongerThanItSays", 400, chunked("1\r\nabc\r\n0\r\n\r\n")},
      {"NoHost", 400, "GET / HTTP/1.1\r\n\r\n"},
      {"TwoHosts", 400, get("/", kHost)},
      {"OtherVersion", 400, "GET / HTTP/3.0\r\n" + kHost + "\r\n"},
      {"NoHttp", 400, "\x16\x03\x01\r\n\r\n"},
      {"TargetWithoutSlash", 400, "GET http://localhost/ HTTP/1.1\r\n" + kHost + "\r\n"},
  };
}
INSTANTIATE_TEST_SUITE_P(Table, HttpRefuses, ::testing::ValuesIn(table()),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Http, AHandlerThatThrowsIs500AndTellsNothing) {
  std::atomic<int> reports{0};
  HttpOptions options = small();
  options.on_error = [&](std::string_view what) { reports += what.find("secret") != std::string_view::npos ? 1 : 0; };
  HttpServer server(options, echo);
  Client client(server.port());
  const Answer answer = client.ask(get("/throw"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"success":false,"error":"internal error"})");
  EXPECT_EQ(client.ask(get("/after")).status, 200);
  EXPECT_EQ(reports, 1);
}

TEST(Http, EveryAnswerCarriesTheHeadersThatProtect) {
  HttpServer server(small(), echo);
  for (const std::string& request : {get("/"), get("/throw"), std::string("nonsense\r\n\r\n")}) {
    const Answer answer = ask(server, request);
    const std::string policy = answer.field("Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << answer.head;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "");
  }
}

TEST(Http, ARequestThatDripsInIs408HoweverItDrips) {
  HttpOptions options = small();
  options.request = 1s;  // long, so that a machine under load does not keep the bytes apart for so long
  HttpServer server(options, echo);
  Client client(server.port());
  client.send("GET / HTTP/1.1\r\nX: ");
  Gate stop;
  std::thread drip([&] {  // each byte comes long before a limit of a single read would be up
    while (!stop.wait_for(5ms) && client.send("a")) {
    }
  });
  const Answer answer = client.read();
  stop.open();
  drip.join();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(Http, WhoSaysNothingIsClosedWithoutAWord) {
  HttpOptions options = small();
  options.request = 20ms;
  HttpServer server(options, echo);
  Client silent(server.port());
  EXPECT_TRUE(silent.is_closed());
}

TEST(Http, WhoAsksNothingMoreIsClosed) {
  HttpOptions options = small();
  options.request = 60s;
  options.idle = 20ms;
  HttpServer server(options, echo);
  Client once(server.port());
  EXPECT_EQ(once.ask(get("/")).status, 200);
  EXPECT_TRUE(once.is_closed());
}

TEST(Http, IfThereIsNoRoomWhoWaitsForARequestGoesFirst) {
  HttpOptions options = small();
  options.connections = 3;
  HttpServer server(options, echo);
  std::vector<Client> three;
  for (int i = 0; i < 3; ++i) three.emplace_back(server.port());
  for (Client& client : three) EXPECT_EQ(client.ask(get("/")).status, 200);
  Client fourth(server.port());
  ASSERT_EQ(fourth.ask(get("/")).status, 200);
  EXPECT_TRUE(three[0].is_closed());
  EXPECT_EQ(three[2].ask(get("/")).status, 200);
}

TEST(Http, IfAllAreAtWorkTheNextHears503AndWhatIsAlwaysAnsweredIs) {
  HttpOptions options = small();
  options.connections = 3;
  options.request = 60s;
  options.reserve = 60s;
  options.always = [](const Request& request) { return request.path() == "/health"; };
  HttpServer server(options, echo);
  std::vector<Client> three;
  for (int i = 0; i < 3; ++i) {
    three.emplace_back(server.port());
    three.back().send("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(three.back().read().status, 100);  // they are within a request now
  }
  const Answer full = ask(server, get("/"));
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(full.field("Retry-After"), "1");
  EXPECT_EQ(full.field("Connection"), "close");
  EXPECT_EQ(ask(server, get("/health")).status, 200);

  std::vector<Client> slow;  // those who fill the reserve, too, push out one another
  for (std::size_t i = 0; i < 2 * HttpServer::kReserve; ++i) {
    slow.emplace_back(server.port());
    slow.back().send("GET /");
  }
  EXPECT_EQ(ask(server, get("/health")).status, 200);
  EXPECT_EQ(three[1].ask("ab").body, "POST /x [ab]");
}

std::chrono::nanoseconds cpu_time() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// How long /health takes, with so many slow ones, half-open ones and idle ones. A machine under load may add to what a
// clock shows, but not to each of the times, and not to the work that there is to do.
void expect_health_within_100_ms(std::size_t connections, int slow, int half_open, int idle) {
  const std::size_t room = pool::testing::want_descriptors(2400);
  if (room < 2400) GTEST_SKIP() << "the system allows only " << room << " descriptors";
  HttpOptions options = small();
  options.connections = connections;
  options.request = 120s;
  options.reserve = 120s;
  options.always = [](const Request& request) { return request.path() == "/health"; };
  HttpServer server(options, echo);
  std::vector<Client> crowd;
  for (int i = 0; i < slow + half_open + idle; ++i) {
    crowd.emplace_back(server.port());
    if (i < slow + half_open) crowd.back().send("GET / HTTP/1.1\r\nX: a");
    if (i >= slow && i < slow + half_open) crowd.back().send_end();
  }
  auto quickest = std::chrono::nanoseconds::max();
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto used = cpu_time();
    EXPECT_EQ(ask(server, get("/health")).status, 200);
    quickest = std::min<std::chrono::nanoseconds>(quickest, std::chrono::steady_clock::now() - begin);
    if (i == 0) continue;  // the crowd may still be welcomed
    EXPECT_LT(cpu_time() - used, 100ms);
  }
  EXPECT_LT(quickest, 100ms);
}

// S6.23
TEST(Http, HealthIsAnsweredBesideAThousandSlowOnes) {
  expect_health_within_100_ms(1024, 1000, 0, 0);
}
// S6.23
TEST(Http, HealthIsAnsweredBesideAThousandIdleOnes) {
  expect_health_within_100_ms(1024, 0, 0, 1000);
}
// S6.23
TEST(Http, HealthIsAnsweredBesideAThousandHalfOpenOnes) {
  expect_health_within_100_ms(1024, 0, 1000, 0);
}
// S6.23
TEST(Http, HealthIsAnsweredIfThereAreTwiceAsManyAsThereIsRoomFor) {
  expect_health_within_100_ms(500, 600, 200, 200);
}

TEST(Http, AHandlerThatMayWaitKeepsNobodyElseWaiting) {
  Gate asked, answer;
  HttpOptions options = small();
  options.may_wait = [](const Request& request) { return request.path() == "/slow"; };
  HttpServer server(options, [&](const Request& request) {
    if (request.path() == "/slow") {
      asked.open();
      answer.wait();
    }
    return echo(request);
  });
  Client slow(server.port());
  slow.send(get("/slow"));
  asked.wait();
  EXPECT_EQ(ask(server, get("/health")).status, 200);
  answer.open();
  EXPECT_EQ(slow.read().body, "GET /slow []");
}

// S6.24
TEST(Http, DrainingClosesTheIdleAndAnswersWhatWasAsked) {
  Gate asked, answer;
  HttpOptions options = small();
  options.may_wait = [](const Request&) { return true; };
  HttpServer server(options, [&](const Request& request) {
    asked.open();
    answer.wait();
    return echo(request);
  });
  Client idle(server.port());
  Client busy(server.port());
  busy.send(get("/a"));
  asked.wait();
  std::thread drain([&] { server.drain(60s); });
  EXPECT_TRUE(idle.is_closed());
  answer.open();
  const Answer last = busy.read();
  EXPECT_EQ(last.body, "GET /a []");
  EXPECT_EQ(last.field("Connection"), "close");
  busy.send_end();
  EXPECT_TRUE(busy.is_closed());
  drain.join();
  EXPECT_THROW(Client{server.port()}, std::system_error);
  EXPECT_EQ(server.connections(), 0);
}

TEST(Http, DrainingCutsOffWhoIsTooSlow) {
  HttpOptions options = small();
  options.request = 120s;
  HttpServer server(options, echo);
  Client slow(server.port());
  slow.send("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(slow.read().status, 100);
  server.drain(10ms);
  EXPECT_TRUE(slow.is_closed());
}

TEST(Http, WithoutDescriptorsTheDoorStaysAndOpensAgain) {
  std::atomic<int> tries{0};
  Gate failed;
  HttpOptions options = small();
  options.on_error = [&](std::string_view) {
    ++tries;
    failed.open();
  };
  HttpServer server(options, echo);
  Client waits(server.port());
  EXPECT_EQ(waits.ask(get("/")).status, 200);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit less = before;
  less.rlim_cur = std::min<rlim_t>(before.rlim_cur, 256);
  setrlimit(RLIMIT_NOFILE, &less);
  std::vector<int> all;
  while (true) {
    const int descriptor = dup(0);
    if (descriptor < 0) break;
    all.push_back(descriptor);
  }
  close(all.back());
  all.pop_back();
  Client late(server.port());  // took the last one; there is none for the server's side
  failed.wait();
  for (const int descriptor : all) close(descriptor);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(late.ask(get("/late")).body, "GET /late []");
  EXPECT_LT(tries, 100);  // it waits between two tries, however long this took
}

TEST(Http, AnAddressThatCannotBeHadIsSaidClearly) {
  HttpServer first(small(), echo);
  HttpOptions options = small();
  options.port = first.port();
  try {
    HttpServer second(options, echo);
    FAIL();
  } catch (const std::runtime_error& problem) {
    EXPECT_EQ(problem.what(),
              "pool: cannot listen on 127.0.0.1:" + std::to_string(first.port()) + ": Address already in use");
  }
  options.host = "no such host";
  EXPECT_THROW(HttpServer(options, echo), std::runtime_error);
}

}  // namespace

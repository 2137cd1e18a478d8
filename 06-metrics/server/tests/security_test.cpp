// The security table, row by row, through a real socket. What HTTP itself refuses (lengths, limits, deadlines) is in
// http_test.cpp; what values are refused, in api_test.cpp, too.
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <pool/server/server.hpp>
#include <pool/testing/gate.hpp>

#include "client.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using pool::server::Guard;
using pool::server::Log;
using pool::server::LogLevel;
using pool::server::Server;
using pool::server::ServerOptions;
using pool::testing::Answer;
using pool::testing::Client;
using pool::testing::Gate;
using pool::testing::get;
using pool::testing::post;

constexpr const char* kToken = "correct horse battery";

ServerOptions options(const std::string& token = "") {
  ServerOptions all;
  all.http.port = 0;
  all.pool.workers = 2;
  all.guard.token = token;
  return all;
}

class Secure : public ::testing::Test {
 protected:
  void start(ServerOptions all) {
    all.guard.clock = &clock_;
    server_.emplace(std::move(all), log_);
  }
  Answer ask(const std::string& request) {
    if (!server_) start(options());
    return Client(server_->port()).ask(request);
  }
  Answer with_host(const std::string& host) { return ask("GET /api/stats HTTP/1.1\r\nHost: " + host + "\r\n\r\n"); }
  std::size_t submitted() { return server_->pool().stats().pool.submitted; }

  pool::priority::ManualClock clock_;  // of who asks for tokens
  Log log_{LogLevel::off};
  std::optional<Server> server_;
};

const std::string kSubmit = R"({"type": "expression"})";

void expect_error(const Answer& answer, int status) {
  EXPECT_EQ(answer.status, status) << answer.head << answer.body;
  const json body = json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(body.is_object()) << answer.body;
  EXPECT_EQ(body.value("success", true), false);
  EXPECT_FALSE(body.value("error", "").empty());
}

// S6.23: default
TEST_F(Secure, WhereOthersCanReachItATokenIsAskedFor) {
  for (const char* host : {"0.0.0.0", "::", "192.168.1.1", "example.org"}) {
    ServerOptions all = options();
    all.http.host = host;
    EXPECT_THROW(Server(std::move(all), log_), std::invalid_argument) << host;
  }
  EXPECT_THROW(Guard({.host = "0.0.0.0", .token = "short"}), std::invalid_argument);
  EXPECT_THROW(Guard({.host = "0.0.0.0", .token = " no header has this"}), std::invalid_argument);
  EXPECT_THROW(Guard({.host = "0.0.0.0", .token = "nor\nthis one"}), std::invalid_argument);
  EXPECT_NO_THROW(Guard({.host = "0.0.0.0", .token = kToken}));
  for (const char* host : {"127.0.0.1", "localhost", "::1", "127.1.2.3"}) EXPECT_NO_THROW(Guard({.host = host}));
}

// S6.23: default
TEST_F(Secure, NobodyReachesItByAnotherAddressUnlessItIsToldSo) {
  ServerOptions all = options(kToken);
  all.http.host = "0.0.0.0";
  start(std::move(all));
  try {
    EXPECT_EQ(Client(server_->port(), "127.0.0.2").ask(get("/health")).status, 200);
  } catch (const std::system_error&) {
    GTEST_SKIP() << "this system has no address 127.0.0.2 to try it with";
  }
  start(options());
  EXPECT_THROW(Client(server_->port(), "127.0.0.2"), std::system_error);
  EXPECT_EQ(ask(get("/health")).status, 200);
}

// S6.23: DNS rebinding
TEST_F(Secure, AnotherNameThanOursIs421) {
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "192.168.1.1",
                           "localhost:abc", "[::1", "", "localhost:80:80", "poolcraft.example"}) {
    expect_error(with_host(host), 421);
  }
  for (const char* host : {"localhost", "127.0.0.1", "127.0.0.1:5000", "[::1]:5000", "LOCALHOST:1", "localhost."}) {
    EXPECT_EQ(with_host(host).status, 200) << host;
  }
  EXPECT_EQ(ask("GET /health HTTP/1.0\r\n\r\n").status, 421);
}

TEST_F(Secure, ANameThatIsAllowedIsOurs) {
  ServerOptions all = options();
  all.guard.allowed_hosts = {"Poolcraft.example"};
  start(std::move(all));
  EXPECT_EQ(with_host("poolcraft.example:443").status, 200);
  EXPECT_EQ(with_host("other.example").status, 421);
}

// S6.23: a token
TEST_F(Secure, WithoutTheTokenItIs401) {
  start(options(kToken));
  for (const std::string field :
       {"", "Authorization: Bearer\r\n", "Authorization: Bearer wrong\r\n",
        "Authorization: Bearer correct horse batter\r\n", "Authorization: Bearer correct horse battery2\r\n",
        "Authorization: Basic correct horse battery\r\n", "Cookie: poolcraft=\r\n",
        "Cookie: poolcraft=correct horse battery\r\n", "Cookie: x=1; poolcraft=00\r\n"}) {
    for (const char* path : {"/api/stats", "/api/tasks", "/metrics", "/api/trace", "/app.js", "/nothing"}) {
      const Answer answer = ask(get(path, field));
      expect_error(answer, 401);
      EXPECT_EQ(answer.field("WWW-Authenticate"), "Bearer realm=\"poolcraft\"");
    }
    EXPECT_EQ(ask(post("/api/submit", kSubmit, "application/json", field)).status, 401);
    EXPECT_EQ(ask(post("/api/shutdown", "", "application/json", field)).status, 401);
    clock_.advance(60s);  // these were eight
  }
  const std::string right = std::string("Authorization: Bearer ") + kToken + "\r\n";
  EXPECT_EQ(ask(get("/api/stats", right)).status, 200);
  EXPECT_EQ(ask(post("/api/submit", kSubmit, "application/json", right)).status, 200);
  EXPECT_EQ(ask(get("/health")).status, 200);  // says nothing but that it is there
  EXPECT_EQ(submitted(), 1);
}

TEST_F(Secure, ThePageShowsAFormAndTheFormGivesACookie) {
  start(options(kToken));
  const Answer page = ask(get("/"));
  EXPECT_EQ(page.status, 401);
  EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("<form method=\"post\" action=\"/login\">"), std::string::npos);

  const std::string form = "application/x-www-form-urlencoded";
  EXPECT_EQ(ask(post("/login", "token=wrong", form)).status, 401);
  EXPECT_EQ(ask(post("/login", "", form)).status, 401);
  const Answer in = ask(post("/login", "token=correct+horse+battery", form));
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(in.field("Location"), "/");
  const std::string cookie = in.field("Set-Cookie");
  EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("; SameSite=Strict"), std::string::npos);
  EXPECT_EQ(cookie.find("horse"), std::string::npos);  // it is not the token
  const std::string sent = "Cookie: other=1; " + cookie.substr(0, cookie.find(';')) + "\r\n";
  EXPECT_EQ(ask(get("/api/stats", sent)).status, 200);
  EXPECT_EQ(ask(get("/", sent)).status, 200);
  EXPECT_EQ(ask(post("/api/submit", kSubmit, "application/json", sent + "Origin: http://evil.example\r\n")).status,
            403);
}

// S6.23: a token is guessed
TEST_F(Secure, AfterTenWrongTokensTheirAddressGets429UntilTheMinuteIsOver) {
  start(options(kToken));
  const std::string form = "application/x-www-form-urlencoded";
  const std::string right = std::string("Authorization: Bearer ") + kToken + "\r\n";
  const std::string wrong = "Authorization: Bearer wrong\r\n";
  const std::string cookie = ask(post("/login", "token=correct+horse+battery", form)).field("Set-Cookie");
  const std::string session = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask(get("/api/stats", wrong)).status, 401);
    EXPECT_EQ(ask(post("/login", "token=wrong", form)).status, 401);
    EXPECT_EQ(ask(get("/api/stats")).status, 401);                                     // none is not a wrong one
    EXPECT_EQ(ask(get("/api/stats", "Cookie: poolcraft=of before\r\n")).status, 401);  // nor is another cookie
  }
  for (const std::string& token : {wrong, right}) {  // nobody learns which it was
    for (const char* path : {"/", "/api/stats", "/nothing"}) {
      const Answer answer = ask(get(path, token));
      expect_error(answer, 429);
      EXPECT_EQ(answer.field("Retry-After"), "60");
    }
  }
  for (const char* token : {"token=wrong", "token=correct+horse+battery"}) {
    const Answer page = ask(post("/login", token, form));
    EXPECT_EQ(page.status, 429);
    EXPECT_EQ(page.field("Retry-After"), "60");
    EXPECT_EQ(page.field("Set-Cookie"), "");
    EXPECT_NE(page.body.find("try again in 60 s"), std::string::npos);
  }
  EXPECT_EQ(ask(get("/")).status, 401);
  EXPECT_EQ(ask(get("/health", wrong)).status, 200);
  EXPECT_EQ(ask(get("/api/stats", session)).status, 200);  // who is in stays in

  clock_.advance(59'500ms);
  EXPECT_EQ(ask(get("/api/stats", right)).field("Retry-After"), "1");
  clock_.advance(500ms);
  EXPECT_EQ(ask(get("/api/stats", right)).status, 200);
  EXPECT_EQ(ask(get("/api/stats", wrong)).status, 401);
}

TEST_F(Secure, WithoutATokenThereIsNothingToLogInTo) {
  EXPECT_EQ(ask(post("/login", "token=", "application/x-www-form-urlencoded")).status, 401);
}

TEST(SameSecret, IsTrueForTheSameAndNothingElse) {
  using pool::server::same_secret;
  EXPECT_TRUE(same_secret("secret", "secret"));
  for (const char* other : {"", "s", "secre", "secrets", "Secret", "secresecre", "secretsecret"}) {
    EXPECT_FALSE(same_secret("secret", other)) << other;
  }
  EXPECT_FALSE(same_secret("", "x"));
  EXPECT_FALSE(same_secret("ab", "abab"));
}

// S6.23: another site
TEST_F(Secure, AChangingRequestFromAnotherSiteIs403) {
  const std::vector<std::string> foreign{"Origin: http://evil.example\r\n",
                                         "Origin: null\r\n",
                                         "Origin: http://localhost:1\r\n",
                                         "Origin: http://localhost.evil.example\r\n",
                                         "Origin: file://\r\n",
                                         "Sec-Fetch-Site: cross-site\r\n",
                                         "Sec-Fetch-Site: same-site\r\n",
                                         "Sec-Fetch-Site: same-origin\r\nOrigin: http://evil.example\r\n"};
  for (const std::string& field : foreign) {
    for (const char* path : {"/api/submit", "/api/shutdown", "/api/clear-completed", "/api/task/x/cancel", "/login"}) {
      expect_error(ask(post(path, kSubmit, "application/json", field)), 403);
    }
    EXPECT_EQ(ask(post("/api/submit", "type=io", "application/x-www-form-urlencoded", field)).status, 403);
  }
  EXPECT_EQ(submitted(), 0);
  for (const std::string own : {"Origin: http://localhost\r\n", "Sec-Fetch-Site: same-origin\r\n",
                                "Sec-Fetch-Site: none\r\n", "Origin: http://localhost:80\r\n"}) {
    EXPECT_EQ(ask(post("/api/submit", kSubmit, "application/json", own)).status, 200) << own;
  }
}

// S6.23: the media type, the value, the path and the method
TEST_F(Secure, EveryRefusalIsAJsonErrorWithTheRightStatus) {
  expect_error(ask(post("/api/submit", kSubmit, "text/plain")), 415);
  expect_error(ask(post("/api/submit", "{\"type\":\"io\",\"type\":\"io\"}")), 400);
  expect_error(ask(post("/api/submit", "{\"type\":")), 400);
  expect_error(ask(post("/api/submit", std::string(30'000, '[') + std::string(30'000, ']'))), 400);
  expect_error(ask(post("/api/submit", R"({"type":"compute","priority":9})")), 422);
  expect_error(ask(post("/api/submit", R"({"type":"compute","param":999999999})")), 422);
  expect_error(ask(post("/api/submit", R"({"type":"compute","timeout":-1})")), 422);
  expect_error(ask(post("/api/submit", R"({"type":"unknown"})")), 422);
  expect_error(ask(get("/api/task/unknown")), 404);
  expect_error(ask(post("/api/task/unknown/cancel", "")), 404);
  expect_error(ask(get("/unknown")), 404);
  const Answer answer = ask(get("/api/shutdown"));
  expect_error(answer, 405);
  EXPECT_EQ(answer.field("Allow"), "POST");
  expect_error(ask("DELETE /api/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405);
  expect_error(ask("OPTIONS /api/submit HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n"), 405);
  expect_error(ask(post("/api/submit", std::string(70'000, 'x'))), 413);
  expect_error(ask(get("/" + std::string(3000, 'x'))), 414);
  expect_error(ask(get("/", "X: " + std::string(9000, 'x') + "\r\n")), 431);
  EXPECT_EQ(submitted(), 0);
}

// What another executor runs is as any task.
class Elsewhere : public pool::server::Executor {
 public:
  explicit Elsewhere(pool::metrics::ThreadPool& pool) : pool_(pool) {}
  std::string submit(pool::server::Submission submission) override {
    auto [job, producer] = pool_.make_task<std::string>(std::move(submission.options));
    EXPECT_TRUE(producer.start());
    producer.complete(submission.param + " elsewhere");
    return to_string(job.id());
  }
  bool wait_idle_for(std::chrono::milliseconds /*timeout*/) override { return true; }

 private:
  pool::metrics::ThreadPool& pool_;
};

// S6.20
TEST_F(Secure, AnExecutorThatIsAddedIsAskedByItsName) {
  ServerOptions all = options();
  all.add_executors = [](pool::server::Executors& executors, pool::metrics::ThreadPool& pool) {
    executors.add("process", std::make_unique<Elsewhere>(pool));
    EXPECT_THROW(executors.add("thread", std::make_unique<Elsewhere>(pool)), std::invalid_argument);
  };
  start(std::move(all));
  const Answer answer = ask(post("/api/submit", R"({"type":"compute","param":7,"executor":"process"})"));
  const json task = json::parse(ask(get("/api/task/" + json::parse(answer.body).value("task_id", ""))).body);
  EXPECT_EQ(task["executor"], "process");
  EXPECT_EQ(task["state"], "completed");
  EXPECT_EQ(task["result"], "7 elsewhere");
  expect_error(ask(post("/api/submit", R"({"type":"compute","executor":"cluster"})")), 422);
}

// S6.23: no CORS, and the headers that protect
TEST_F(Secure, NobodyElseMayReadAnAnswer) {
  for (const char* path : {"/", "/api/stats", "/metrics", "/nothing", "/app.js", "/api/trace"}) {
    const Answer answer = ask(get(path, "Origin: http://evil.example\r\n"));
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "") << path;
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_NE(answer.field("Content-Security-Policy").find("frame-ancestors 'none'"), std::string::npos) << path;
    EXPECT_EQ(answer.field("Content-Security-Policy").find("unsafe"), std::string::npos) << path;
  }
}

// S6.23: a full queue
TEST_F(Secure, AFullQueueIs503AndHealthIsAnswered) {
  ServerOptions all = options();
  all.pool.capacity = 2;
  start(std::move(all));
  Gate gate;
  std::atomic<int> begun{0};
  for (int i = 0; i < 2; ++i) {
    server_->pool().post([&] {
      begun.fetch_add(1);
      gate.wait();
    });
  }
  while (begun.load() < 2) std::this_thread::yield();
  Answer answer;
  for (int i = 0; i < 10 && answer.status != 503; ++i) answer = ask(post("/api/submit", kSubmit));
  expect_error(answer, 503);
  EXPECT_EQ(answer.field("Retry-After"), "1");
  EXPECT_EQ(ask(get("/health")).status, 200);
  gate.open();
  server_->pool().wait_idle();  // they use the gate
}

// S6.23: a label
TEST_F(Secure, ALabelComesBackAsItWasAndNeverAsMarkup) {
  const Answer answer =
      ask(post("/api/submit", R"({"type":"expression","label":"<script>alert(1)</script>\u0000\n"})"));
  const std::string id = json::parse(answer.body)["task_id"];
  const Answer task = ask(get("/api/task/" + id));
  EXPECT_EQ(task.field("Content-Type"), "application/json");
  EXPECT_EQ(json::parse(task.body)["meta"]["label"], std::string("<script>alert(1)</script>\0\n", 27));
}

// S6.18, S6.24
TEST_F(Secure, AfterAShutdownNothingIsTakenAndTheAnswerCame) {
  Gate told;
  ServerOptions all = options();
  all.api.on_shutdown = [&] { told.open(); };
  start(std::move(all));
  EXPECT_EQ(ask(post("/api/shutdown", "")).body, R"({"success":true,"drained":true,"left":0})");
  told.wait();
  const Answer answer = ask(post("/api/submit", kSubmit));
  expect_error(answer, 503);
  EXPECT_EQ(answer.field("Retry-After"), "5");
  expect_error(ask(get("/health")), 503);
  EXPECT_EQ(ask(get("/api/stats")).status, 200);
  EXPECT_TRUE(server_->drain().all);
  EXPECT_THROW(ask(get("/health")), std::system_error);
}

}  // namespace

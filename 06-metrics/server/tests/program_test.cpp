// The program itself: it says where it listens, and ends as it should when it is asked to.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client.hpp"

namespace {

using nlohmann::json;
using pool::testing::Client;
using pool::testing::get;
using pool::testing::post;

class Program {
 public:
  explicit Program(std::vector<std::string> words) {
    int out[2];
    int log[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(log, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, log[1], STDERR_FILENO);
    words.insert(words.begin(), POOLCRAFT_SERVER);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int problem = posix_spawn(&process_, POOLCRAFT_SERVER, &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    close(log[1]);
    out_ = out[0];
    log_ = log[0];
    if (problem != 0) throw std::runtime_error("cannot start " POOLCRAFT_SERVER);
  }
  ~Program() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(out_);
    close(log_);
  }

  std::string line() const {  // from its standard output
    std::string text;
    char c = 0;
    while (read(out_, &c, 1) == 1 && c != '\n') text += c;
    return text;
  }
  std::uint16_t port() const {
    const std::string text = line();
    return static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
  }
  void signal(int number) const { kill(process_, number); }
  int wait() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string log() const {  // all of it, once it has ended
    std::string text;
    char chunk[1024];
    for (ssize_t size = 0; (size = read(log_, chunk, sizeof chunk)) > 0;)
      text.append(chunk, static_cast<std::size_t>(size));
    return text;
  }

 private:
  pid_t process_ = -1;
  int out_ = -1;
  int log_ = -1;
};

// S6.24
TEST(Program, DrainsWhenASignalAsksIt) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Program program({"--port", "0", "--workers", "1"});
    const std::uint16_t port = program.port();
    EXPECT_EQ(Client(port).ask(post("/api/submit", R"({"type":"compute","param":20000})")).status, 200);
    program.signal(signal);
    EXPECT_EQ(program.wait(), 0);
    const std::string log = program.log();
    EXPECT_NE(log.find(R"("event":"draining")"), std::string::npos) << log;
    EXPECT_NE(log.find(R"("event":"stopped","left":"0")"), std::string::npos) << log;
  }
}

// S6.18
TEST(Program, EndsAfterTheAnswerToAShutdown) {
  Program program({"--port", "0", "--workers", "1"});
  Client client(program.port());
  EXPECT_EQ(client.ask(post("/api/shutdown", "")).body, R"({"success":true,"drained":true,"left":0})");
  EXPECT_EQ(program.wait(), 0);
}

// S6.24
TEST(Program, ASecondSignalEndsItAtOnce) {
  Program program({"--port", "0", "--workers", "1"});
  Client client(program.port());
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(client.ask(post("/api/submit", R"({"type":"compute","param":5000000})")).status, 200);
  }
  program.signal(SIGTERM);
  while (client.ask(get("/health")).status == 200) {
  }
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(), 128 + SIGINT);
}

// S6.23, S6.24
TEST(Program, RefusesToStartWhereItWouldNotBeSafe) {
  Program program({"--host", "0.0.0.0", "--port", "0"});
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.log().find("--token"), std::string::npos);
}

TEST(Program, AFailedTaskIsLoggedWithItsContext) {
  Program program({"--port", "0", "--workers", "1"});
  Client client(program.port());
  EXPECT_EQ(client.ask(post("/api/submit", R"({"type":"expression","param":"1/0","label":"mine"})")).status, 200);
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
  bool found = false;
  const std::string log = program.log();
  for (std::size_t begin = 0, end = 0; (end = log.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const json line = json::parse(log.substr(begin, end - begin));
    if (line["event"] != "task_failed") continue;
    found = true;
    EXPECT_EQ(line["label"], "mine");
    EXPECT_EQ(line["type"], "expression");
    EXPECT_EQ(line["level"], "warn");
    EXPECT_NE(line["task_id"], "");
  }
  EXPECT_TRUE(found) << log;
}

}  // namespace

// executor=cluster: a task goes by a real gearmand to a worker that is this program in its other role.
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <pool/testing/gearmand.hpp>

#include "../client.hpp"

namespace {

using nlohmann::json;
using pool::testing::Client;
using pool::testing::find_gearmand;
using pool::testing::Folder;
using pool::testing::Gearmand;
using pool::testing::get;
using pool::testing::post;
using pool::testing::Program;
using pool::testing::until;

class Cluster : public ::testing::Test {
 protected:
  void SetUp() override {
    if (find_gearmand().empty()) GTEST_SKIP() << "gearmand is not installed; on Debian: apt install gearman-job-server";
  }

  // The port that the server says it listens on.
  std::uint16_t port_of_server() const {
    std::string line;
    until([&] {
      std::ifstream said(folder_.file("server.out"));
      while (std::getline(said, line) && !line.starts_with("poolcraft-server: http")) {
      }
      return line.starts_with("poolcraft-server: http") && !said.eof();
    });
    return static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }

  Folder folder_;
};

// S6.17 S6.20
TEST_F(Cluster, ATaskIsDoneByAWorkerElsewhere) {
  const Gearmand gearmand(folder_);
  Program worker({POOLCRAFT_SERVER, "--role", "worker", "--gearman", gearmand.address(), "--workers", "1"});
  Program server({POOLCRAFT_SERVER, "--port", "0", "--workers", "1", "--gearman", gearmand.address()},
                 folder_.file("server.out"));
  const std::uint16_t port = port_of_server();
  const json submitted = json::parse(
      Client(port).ask(post("/api/submit", R"({"type":"compute","param":1000,"executor":"cluster"})")).body);
  ASSERT_TRUE(submitted["success"]) << submitted;
  json task;
  until([&] {
    task = json::parse(Client(port).ask(get("/api/task/" + submitted["task_id"].get<std::string>())).body);
    return task["state"] != "queued" && task["state"] != "running";
  });
  EXPECT_EQ(task["state"], "completed") << task;
  EXPECT_EQ(task["executor"], "cluster");
  EXPECT_NE(task["result"].get<std::string>().find("168"), std::string::npos) << task;
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait(), 0);
}

// S6.17: no server, so a clear error at once, and nothing is left behind.
TEST_F(Cluster, WithoutAServerASubmitIsRefused) {
  Program server({POOLCRAFT_SERVER, "--port", "0", "--workers", "1", "--gearman", "127.0.0.1:1"},
                 folder_.file("server.out"));
  const std::uint16_t port = port_of_server();
  const auto answer = Client(port).ask(post("/api/submit", R"({"type":"compute","executor":"cluster"})"));
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_EQ(json::parse(answer.body)["success"], false);
  EXPECT_EQ(json::parse(Client(port).ask(get("/api/tasks")).body)["tasks"].size(), 0U);
}

}  // namespace

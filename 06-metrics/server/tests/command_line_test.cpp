// The command line, and what the log makes of hostile texts.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <pool/server/command_line.hpp>

namespace {

using pool::server::Log;
using pool::server::LogLevel;
using pool::server::options_from;
using pool::server::read_command_line;
using pool::server::Reading;

// S6.24
TEST(CommandLine, SaysWhereAndHowMany) {
  const Reading nothing = read_command_line({});
  ASSERT_TRUE(nothing.settings) << nothing.text;
  EXPECT_EQ(nothing.settings->host, "127.0.0.1");
  EXPECT_EQ(nothing.settings->port, 5000);
  const Reading all =
      read_command_line({"--host", "0.0.0.0", "--port", "0", "--min", "2", "--max", "9", "--token", "a long token",
                         "--allowed-host", "a.example", "--allowed-host", "b.example", "--log-level", "warn"});
  ASSERT_TRUE(all.settings) << all.text;
  const auto options = options_from(*all.settings);
  EXPECT_EQ(options.http.host, "0.0.0.0");
  EXPECT_EQ(options.http.port, 0);
  EXPECT_EQ(options.pool.min_workers, 2);
  EXPECT_EQ(options.pool.max_workers, 9);
  EXPECT_EQ(options.guard.token, "a long token");
  EXPECT_EQ(options.guard.allowed_hosts, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(all.settings->log_level, LogLevel::warn);
}

// S6.24
TEST(CommandLine, HelpAndVersionAreNoErrors) {
  for (const char* word : {"--help", "--version"}) {
    const Reading reading = read_command_line({word});
    EXPECT_FALSE(reading.settings);
    EXPECT_EQ(reading.status, 0);
    EXPECT_FALSE(reading.text.empty());
  }
  const std::string help = read_command_line({"--help"}).text;
  for (const char* word :
       {"--host", "--port", "--workers", "--min", "--max", "--token", "--allowed-host", "--log-level"}) {
    EXPECT_NE(help.find(word), std::string::npos) << word;
  }
}

// S6.24
TEST(CommandLine, WhatCannotBeIsSaidInOneLine) {
  const std::vector<std::vector<std::string>> wrong{
      {"--port", "70000"},
      {"--port", "-1"},
      {"--port", "x"},
      {"--port"},
      {"--workers", "-1"},
      {"--workers", "0"},
      {"--workers", "1001"},
      {"--workers", "99999999999999999999"},
      {"--workers", "2", "--min", "2"},
      {"--min", "3", "--max", "2"},
      {"--host", "0.0.0.0"},
      {"--host", "example.org"},
      {"--token", "short"},
      {"--log-level", "loud"},
      {"--unknown"},
      {"word"},
  };
  for (const auto& words : wrong) {
    const Reading reading = read_command_line(words);
    EXPECT_FALSE(reading.settings) << words[0];
    EXPECT_EQ(reading.status, 2) << words[0];
    EXPECT_EQ(reading.text.find("poolcraft-server: "), 0) << reading.text;
    EXPECT_EQ(reading.text.find('\n'), reading.text.size() - 1) << reading.text;
  }
}

TEST(Log, WhateverIsSaidIsOneLineOfJson) {
  std::vector<std::string> lines;
  const Log log(LogLevel::info, [&](std::string_view line) { lines.emplace_back(line); });
  log.write(LogLevel::warn, "task_failed", {{"label", "a\n{\"level\":\"error\"}\x1b[31m{}%v"}, {"error", "\xff"}});
  log.write(LogLevel::debug, "too_small");
  ASSERT_EQ(lines.size(), 1);
  EXPECT_EQ(lines[0].find('\n'), std::string::npos);
  EXPECT_EQ(lines[0].find('\x1b'), std::string::npos);
  const auto line = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(line["label"], "a\n{\"level\":\"error\"}\x1b[31m{}%v");
  EXPECT_EQ(line["level"], "warn");
}

}  // namespace

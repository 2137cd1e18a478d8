// Every answer that a server can give, without one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <pool/cluster/ledger.hpp>
#include <pool/cluster/servers.hpp>

namespace pool::cluster {
namespace {

using process::ProtocolError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class Error>
std::string why(const Job<json>& job) {
  try {
    static_cast<void>(job.get());
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::vector<Packet> packets(const std::string& bytes) {
  PacketReader reader(Magic::request);
  reader.feed(bytes);
  std::vector<Packet> all;
  while (auto packet = reader.next()) all.push_back(*std::move(packet));
  return all;
}

struct Books {
  Job<json> add(Mode mode = Mode::foreground, Priority priority = Priority::normal, bool connected = true) {
    auto made = priority::make_job<json>({.priority = priority});
    ++number;
    sent = ledger.add({number, std::move(made.second), {}, "count", process::to_bytes(json{1}), priority, mode},
                      connected ? std::optional(now) : std::nullopt);
    return std::move(made.first);
  }
  void handle(Command command, std::vector<std::string> fields) { ledger.handle({command, std::move(fields)}); }

  Counts counts;
  Ledger ledger{2, "id-", counts};
  Ledger::Clock::time_point now{};
  std::uint64_t number = 0;
  std::string sent;
};

// S6.17
TEST(Ledger, SendsAJobAndTakesItsResult) {
  Books books;
  const Job<json> job = books.add();
  EXPECT_THAT(packets(books.sent),
              ElementsAre(Packet{Command::submit, {"count", "id-1", "1/2 " + process::to_bytes(json{1})}}));
  EXPECT_EQ(job.state(), priority::JobState::running);
  EXPECT_TRUE(books.ledger.unanswered_since());
  books.handle(Command::created, {"H:1"});
  EXPECT_FALSE(books.ledger.unanswered_since());
  books.handle(Command::status, {"H:1", "1", "0"});
  books.handle(Command::status, {"H:1", "50", "100"});  // progress, as workers of others send it
  books.handle(Command::complete, {"H:1", "R" + process::to_bytes({{"lines", 7}})});
  EXPECT_EQ(job.get(), (json{{"lines", 7}}));
  EXPECT_TRUE(books.ledger.is_empty());
  EXPECT_EQ(books.counts.deliveries, 1U);
}

// S6.17: five priorities in three.
TEST(Ledger, MapsPriorities) {
  using enum Command;
  const std::vector<std::pair<Command, Command>> expected{{submit_high, submit_high_background},
                                                          {submit_high, submit_high_background},
                                                          {submit, submit_background},
                                                          {submit_low, submit_low_background},
                                                          {submit_low, submit_low_background}};
  for (std::size_t level = 0; level < priority::kLevels; ++level) {
    EXPECT_EQ(submit_command(static_cast<Priority>(level), Mode::foreground), expected[level].first);
    EXPECT_EQ(submit_command(static_cast<Priority>(level), Mode::background), expected[level].second);
  }
}

// S6.17: what comes back and is no result of ours is an error, and the connection goes on.
TEST(Ledger, GarbageIsAnErrorOfThatJob) {
  for (const std::string garbage : {"", "R", "Rnot json", "hello", "F", "Fx", "L", "Lmany times", "L3", "{}"}) {
    Books books;
    const Job<json> job = books.add();
    books.handle(Command::created, {"H:1"});
    books.handle(Command::complete, {"H:1", garbage});
    EXPECT_NE(why<ProtocolError>(job), "no error") << garbage;
    EXPECT_EQ(books.counts.failed, 1U);
  }
}

// S6.17: what fits to nothing that was sent is no longer a conversation.
TEST(Ledger, NonsenseIsAProtocolError) {
  Books books;
  EXPECT_THROW(books.handle(Command::created, {"H:1"}), ProtocolError);
  EXPECT_THROW(books.handle(Command::error, {"1", "text"}), ProtocolError);
  EXPECT_THROW(books.handle(Command::submit, {"a", "b", "c"}), ProtocolError);
  books.handle(Command::complete, {"H:unknown", "R1"});  // of a job that was given up
  books.handle(Command::fail, {"H:unknown"});
  books.handle(Command::warning, {"H:unknown", "w"});
}

// S6.17: the server refuses, gives up, or the worker is not one of ours.
TEST(Ledger, SaysWhatTheServerSays) {
  Books books;
  const Job<json> full = books.add();
  const Job<json> spent = books.add();
  const Job<json> foreign = books.add();
  books.handle(Command::error, {"job_queue_full", "too many jobs"});
  EXPECT_THAT(why<ClusterError>(full), HasSubstr("too many jobs (job_queue_full)"));
  books.handle(Command::created, {"H:2"});
  books.handle(Command::created, {"H:3"});
  books.handle(Command::status, {"H:2", "1", "0"});
  books.handle(Command::fail, {"H:2"});
  EXPECT_THAT(why<RetriesSpent>(spent), HasSubstr("started once and never finished; the job server gave it up"));
  books.handle(Command::exception, {"H:3", "no such file"});
  EXPECT_EQ(why<process::JobFailed>(foreign), "no such file");
}

// S6.17: the bound is ours, whatever the server's is: the third start of two is one too many.
TEST(Ledger, CountsTheStarts) {
  Books books;
  const Job<json> job = books.add();
  books.handle(Command::created, {"H:1"});
  for (int i = 0; i < 2; ++i) {
    books.handle(Command::status, {"H:1", "1", "0"});
    EXPECT_EQ(job.state(), priority::JobState::running);
  }
  books.handle(Command::status, {"H:1", "1", "0"});
  EXPECT_THAT(why<RetriesSpent>(job), HasSubstr("started 2 times"));
  books.handle(Command::complete, {"H:1", "R1"});  // after all; nobody waits
}

// S6.17: after a lost connection all is sent again, in its order, and not for ever.
TEST(Ledger, SendsAgain) {
  Books books;
  const Job<json> first = books.add();
  const Job<json> second = books.add(Mode::background, Priority::high);
  books.handle(Command::created, {"H:1"});
  books.ledger.forget_server();
  EXPECT_FALSE(books.ledger.unanswered_since());
  const Job<json> third = books.add(Mode::foreground, Priority::normal, false);
  EXPECT_EQ(books.sent, "");
  const std::vector<Packet> again = packets(books.ledger.resend(books.now));
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(again[0].fields.at(1), "id-1") << "by the same id, so that a server that has it does not do it twice";
  EXPECT_THAT(again[0].fields.at(2), ::testing::StartsWith("2/2 "));
  EXPECT_EQ(again[1].command, Command::submit_high_background);
  EXPECT_THAT(again[2].fields.at(2), ::testing::StartsWith("1/2 "));
  EXPECT_EQ(books.counts.resent, 2U);
  books.handle(Command::complete, {"H:1", "R1"});  // of the old server: means nothing now
  EXPECT_EQ(first.state(), priority::JobState::running);
  books.ledger.forget_server();
  EXPECT_EQ(packets(books.ledger.resend(books.now)).size(), 1U);
  EXPECT_THAT(why<RetriesSpent>(first), HasSubstr("sent 2 times"));
  EXPECT_THAT(why<RetriesSpent>(second), HasSubstr("sent 2 times"));
  books.ledger.fail_all(std::make_exception_ptr(ClusterStopped("over")));
  EXPECT_EQ(why<ClusterStopped>(third), "over");
}

// S6.17: in the background the result is the server's receipt.
TEST(Ledger, ABackgroundJobIsDoneWhenTheServerHasIt) {
  Books books;
  const Job<json> job = books.add(Mode::background);
  books.handle(Command::created, {"H:9"});
  EXPECT_EQ(job.get(), (json{{"handle", "H:9"}}));
}

TEST(Ledger, ACancelledJobIsNotSent) {
  Books books;
  auto [job, producer] = priority::make_job<json>();
  job.cancel();
  EXPECT_EQ(books.ledger.add({1, std::move(producer), {}, "count", "", Priority::normal, Mode::foreground}, books.now),
            "");
  EXPECT_TRUE(books.ledger.is_empty());
  EXPECT_EQ(books.counts.cancelled, 1U);
  books.ledger.abandon(1);
  EXPECT_EQ(books.counts.cancelled, 1U);
}

// --- packets ------------------------------------------------------------------------------------------------------

TEST(Packets, ComeOutAsTheyWentInHoweverTheyAreCut) {
  const std::vector<Packet> sent{{Command::created, {"H:1"}},
                                 {Command::complete, {"H:1", std::string("R\"a\0b\"", 6)}},
                                 {Command::status, {"H:1", "1", "0"}},
                                 {Command::complete, {"H:1", ""}}};
  std::string bytes;
  for (const Packet& packet : sent) bytes += encode(packet, Magic::response);
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    PacketReader reader;
    std::vector<Packet> got;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      reader.feed(std::string_view(bytes).substr(at, size));
      while (auto packet = reader.next()) got.push_back(*std::move(packet));
    }
    EXPECT_EQ(got, sent) << size;
  }
}

TEST(Packets, RefuseWhatIsNone) {
  const auto refused = [](const std::string& bytes) {
    PacketReader reader;
    reader.feed(bytes);
    EXPECT_THROW(static_cast<void>(reader.next()), ProtocolError) << bytes;
  };
  refused("H");
  refused("HTTP/1.1 400 Bad Request\r\n");
  refused(encode({Command::created, {"H:1"}}, Magic::request));  // a client
  refused(std::string("\0RES\0\0\0\x63\0\0\0\0", 12));           // command 99
  refused(std::string("\0RES\0\0\0\x08\x7f\0\0\0", 12));         // 2 GiB
  refused(std::string("\0RES\0\0\0\x0d\0\0\0\3abc", 15));        // one field of two
}

TEST(Requests, AreChecked) {
  const std::string argument = process::to_bytes({{"a", 1}});
  EXPECT_EQ(decode_request(request_message(argument, 2, 3)), (Request{json{{"a", 1}}, 2, 3}));
  for (const char* wrong : {"", "7", "1/3", "1/3 ", "0/3 ", "1/0 ", "-1/3 ", "1/x ", "99999999999/3 ", "{}"}) {
    EXPECT_THROW(static_cast<void>(decode_request(wrong + std::string("\xff"))), ProtocolError) << wrong;
  }
}

TEST(Servers, AreRead) {
  EXPECT_THAT(parse_servers("a,b:1,[::1]:65535,[fe80::1]"),
              ElementsAre(Address{"a", 4730}, Address{"b", 1}, Address{"::1", 65535}, Address{"fe80::1", 4730}));
  EXPECT_EQ(to_string(Address{"::1", 7}), "[::1]:7");
  for (const char* wrong :
       {"", ",", "a,", ":1", "a:", "a:0", "a:65536", "a:1x", "a:-1", "::1", "[::1", "[]:1", "[::1]1", "a b", "a:1:2"}) {
    EXPECT_THROW(static_cast<void>(parse_servers(wrong)), std::invalid_argument) << wrong;
  }
}

}  // namespace
}  // namespace pool::cluster

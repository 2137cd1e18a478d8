// The mailbox under every interleaving of those who submit with the one that has the connection, who here has none.
#include <poll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <pool/cluster/errors.hpp>
#include <pool/cluster/mailbox.hpp>
#include <pool/priority/timer.hpp>
#include <pool/testing/explorer/test.hpp>

namespace pool::cluster {
namespace {

using bounded::Deadline;
using sync::thread;
using Clock = Mailbox::Clock;

// Of jobs that are of no pool. The one of that name lives as long as the program, and so cannot be explored.
class Host : public priority::JobHost {
 public:
  priority::Clock& clock() override { return clock_; }
  priority::Timer& timer() override { return timer_; }
  void withdraw(priority::JobCore&) override {}
  void overran(const priority::JobCore&) override {}

 private:
  priority::ManualClock clock_;
  priority::Timer timer_{clock_};
};

Submission submission(std::uint64_t number) {
  auto [job, producer] = priority::make_job<json>({}, std::make_shared<Host>());
  return {number, std::move(producer), {}, "count", "", Priority::normal, Mode::foreground};
}

enum class Put { taken, unavailable, stopped };

Put put(Mailbox& mailbox, std::uint64_t number, bool may_wait = true) {
  try {
    mailbox.put(submission(number), Deadline::never(), may_wait);
    return Put::taken;
  } catch (const ClusterUnavailable&) {
    return Put::unavailable;
  } catch (const ClusterStopped&) {
    return Put::stopped;
  }
}

// Sleeps until there is something to take, as poll() does; if nothing ever comes, the explorer calls it a livelock.
Mailbox::Taken next(Mailbox& mailbox) {
  const auto is_readable = [&] {
    pollfd wake{mailbox.descriptor(), POLLIN, 0};
    return poll(&wake, 1, 0) == 1;
  };
  while (!is_readable()) sync::this_thread::yield();
  return mailbox.take();
}

// S6.17, B1, B4: two that put, and the second look is not missed.
EXPLORE(Mailbox, WhatIsPutIsTakenOnce) {
  Mailbox mailbox;
  mailbox.up("here");
  thread one([&] { EXPECT_EQ(put(mailbox, 1), Put::taken); });
  thread two([&] { EXPECT_EQ(put(mailbox, 2), Put::taken); });
  std::array<int, 3> seen{};
  for (int left = 2; left > 0;) {
    for (const Submission& job : next(mailbox).jobs) {
      ++seen.at(job.number);
      --left;
    }
  }
  one.join();
  two.join();
  EXPECT_EQ(seen[1], 1);
  EXPECT_EQ(seen[2], 1);
}

// B1: what is no longer wanted is said, and never before what it was.
EXPLORE(Mailbox, ACancelIsTakenAndNotBeforeItsJob) {
  Mailbox mailbox;
  mailbox.up("here");
  thread other([&] {
    EXPECT_EQ(put(mailbox, 1), Put::taken);
    mailbox.cancel(1);
  });
  bool has_come = false;
  for (bool over = false; !over;) {
    const Mailbox::Taken taken = next(mailbox);
    if (!taken.jobs.empty()) has_come = true;
    over = !taken.cancelled.empty();
  }
  EXPECT_TRUE(has_come);
  other.join();
}

// S6.17, B2: it asks for a connection, and goes on when that is made.
EXPLORE(Mailbox, APutWaitsForTheConnection) {
  Mailbox mailbox;
  Put put_ended{};
  thread other([&] { put_ended = put(mailbox, 1); });
  EXPECT_TRUE(next(mailbox).wants_connection);
  mailbox.up("here");
  EXPECT_EQ(next(mailbox).jobs.size(), 1U);
  other.join();
  EXPECT_EQ(put_ended, Put::taken);
}

// B2: … whoever has asked for it.
EXPLORE(Mailbox, AConnectionThatComesByItselfWillDo) {
  Mailbox mailbox;
  thread waits([&] { EXPECT_EQ(put(mailbox, 1), Put::taken); });
  thread makes([&] { mailbox.up("here"); });
  waits.join();
  makes.join();
  EXPECT_EQ(mailbox.take().jobs.size(), 1U);
}

// B2: … or fails when it cannot be made; two that wait for the same attempt both do.
EXPLORE_WITH(Mailbox, APutFailsWithTheAttempt, (Explore{.preemptions = 1})) {
  Mailbox mailbox;
  sync::atomic<int> failed{0};
  const auto tries = [&](std::uint64_t number) {
    if (put(mailbox, number) == Put::unavailable) failed.fetch_add(1);
  };
  thread one([&] { tries(1); });
  thread two([&] { tries(2); });
  EXPECT_TRUE(next(mailbox).wants_connection);
  mailbox.down("nobody there", Clock::time_point::max());
  one.join();
  two.join();
  EXPECT_EQ(failed.load(), 2);
  EXPECT_TRUE(mailbox.take().jobs.empty());
}

// B2: nobody makes a connection, so the time is what ends it. (Under the explorer it is up at any moment.)
EXPLORE(Mailbox, APutWaitsNoLongerThanItsDeadline) {
  Mailbox mailbox;
  std::string error;
  thread other([&] {
    try {
      mailbox.put(submission(1), Deadline::after(std::chrono::hours(1)), true);
    } catch (const ClusterUnavailable& thrown) {
      error = thrown.what();
    }
  });
  other.join();
  EXPECT_EQ(error, "cluster: no connection to a job server was made in time");
  EXPECT_TRUE(mailbox.take().jobs.empty());
}

// S6.17, B1, B5: close() ends a wait; what was put before it is there after it, and nothing comes later.
EXPLORE(Mailbox, CloseAgainstPut) {
  Mailbox mailbox;
  Put waits{};
  Put must_not_wait{};
  thread one([&] { waits = put(mailbox, 1); });
  thread two([&] { must_not_wait = put(mailbox, 2, false); });
  mailbox.close(Clock::time_point::max());
  std::size_t jobs = 0;
  bool closing = false;
  while (!closing) {
    const Mailbox::Taken taken = next(mailbox);
    jobs += taken.jobs.size();
    closing = taken.closing.has_value();
  }
  const std::size_t in_time = jobs;
  one.join();
  two.join();
  EXPECT_EQ(waits, Put::stopped);
  EXPECT_EQ(in_time, must_not_wait == Put::taken ? 1U : 0U);
  const Mailbox::Taken later = mailbox.take();
  EXPECT_TRUE(later.jobs.empty());
  EXPECT_TRUE(later.closing) << "it stays closed";
}

// B5: of two that close, the earlier end counts, whoever comes first.
EXPLORE(Mailbox, TheEarlierEndCounts) {
  Mailbox mailbox;
  const Clock::time_point soon{std::chrono::seconds(1)};
  thread other([&] { mailbox.close(soon); });
  mailbox.close(Clock::time_point::max());
  other.join();
  EXPECT_EQ(mailbox.take().closing, soon);
}

// B2: it is not yet time to try again, so it does not wait; one that must not wait is taken all the same.
EXPLORE(Mailbox, NobodyWaitsBeforeItIsTimeToTryAgain) {
  Mailbox mailbox;
  mailbox.down("nobody there", Clock::time_point::max());
  thread other([&] { EXPECT_EQ(put(mailbox, 1), Put::unavailable); });
  EXPECT_EQ(put(mailbox, 2, false), Put::taken);
  other.join();
  const Mailbox::Taken taken = mailbox.take();
  EXPECT_EQ(taken.jobs.size(), 1U);
  EXPECT_FALSE(taken.wants_connection);
}

// B3: what the end of a refused job calls may use the mailbox.
EXPLORE(Mailbox, ARefusedJobEndsWithoutTheLock) {
  Mailbox mailbox;
  bool has_ended = false;
  thread other([&] {
    auto [job, producer] = priority::make_job<json>({}, std::make_shared<Host>());
    job.on_end([&](const priority::JobCore&) { has_ended = mailbox.server().empty(); });
    try {
      mailbox.put({1, std::move(producer), {}, "count", "", Priority::normal, Mode::foreground}, Deadline::never(),
                  true);
    } catch (const ClusterStopped&) {
    }
  });
  mailbox.close(Clock::time_point::max());
  other.join();
  EXPECT_TRUE(has_ended);
}

}  // namespace
}  // namespace pool::cluster

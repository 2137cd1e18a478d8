// A seat, and what it does in which order: as a table of conversations, and against a world in which everything takes as
// long as chance will have it. No process is started, and no time passes.
#include <e39_escalation/seat.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

using exercise::Duration;
using exercise::Number;
using exercise::Seat;
using exercise::Time;
using exercise::World;
using pool::priority::ManualClock;
using std::chrono::seconds;

namespace {

std::string name_of(int signal) {
  return signal == SIGTERM ? "SIGTERM" : signal == SIGKILL ? "SIGKILL" : "signal " + std::to_string(signal);
}

// Writes down what the seat does.
class Log : public World {
 public:
  void send(Number job) override { note("send " + std::to_string(job)); }
  void ask(Number job) override { note("ask " + std::to_string(job)); }
  void signal(int number) override { note(name_of(number)); }
  void report(Number job, const std::string& what) override { note(std::to_string(job) + " " + what); }
  void replace() override { note("replace"); }

  // What has been done since the last time.
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

 private:
  void note(std::string line) { lines_.push_back(std::move(line)); }
  std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

// A seat whose jobs have ten seconds, and each step two.
struct Office {
  ManualClock clock;
  Log log;
  Seat seat{clock, log, seconds(2)};

  void run(Number job) {
    ASSERT_TRUE(seat.is_free());
    seat.run(job, seconds(10));
  }
  // Time goes on, and who has asked for it is called.
  void pass(Duration time) {
    for (const Time end = clock.now() + time; clock.now() < end;) {
      clock.advance(std::chrono::milliseconds(500));
      seat.tick();
    }
  }
};

}  // namespace

TEST(Jobs, GoOneAfterTheOther) {
  Office office;
  office.run(1);
  EXPECT_FALSE(office.seat.is_free());
  office.seat.answered("a");
  EXPECT_TRUE(office.seat.is_free());
  office.run(2);
  office.seat.answered("b");
  EXPECT_EQ(office.log.take(), (Lines{"send 1", "1 completed: a", "send 2", "2 completed: b"}));
}

TEST(Escalation, IsOneStepAfterTheOther) {
  Office office;
  office.run(1);
  office.pass(seconds(9));
  EXPECT_EQ(office.log.take(), Lines{"send 1"});
  office.pass(seconds(1));
  EXPECT_EQ(office.log.take(), Lines{"ask 1"});
  office.pass(seconds(2));
  EXPECT_EQ(office.log.take(), Lines{"SIGTERM"});
  office.pass(seconds(2));
  EXPECT_EQ(office.log.take(), Lines{"SIGKILL"});
  office.pass(seconds(60));
  EXPECT_EQ(office.log.take(), Lines{}) << "one is enough";
}

TEST(Escalation, EndsWithTheJob) {
  Office office;
  office.run(1);
  office.seat.answered("a");
  EXPECT_TRUE(office.seat.due() == Time::max()) << "there is nothing to be woken for";
  office.pass(seconds(60));
  EXPECT_EQ(office.log.take(), (Lines{"send 1", "1 completed: a"}));
}

TEST(Escalation, OfOneJobIsNotContinuedForTheNext) {
  Office office;
  office.run(1);
  office.pass(seconds(11));  // asked, and it stops
  office.seat.answered("half of it");
  office.run(2);
  office.pass(seconds(9));
  EXPECT_EQ(office.log.take(), (Lines{"send 1", "ask 1", "1 completed: half of it", "send 2"}));
  office.pass(seconds(1));
  EXPECT_EQ(office.log.take(), Lines{"ask 2"}) << "from the beginning";
}

TEST(Escalation, WhoWasSentASignalIsNotUsedAgain) {
  Office office;
  office.run(1);
  office.pass(seconds(12));
  office.seat.answered("just in time");
  EXPECT_FALSE(office.seat.is_free()) << "the signal may still be on its way";
  office.seat.exited("killed by SIGTERM");
  EXPECT_FALSE(office.seat.is_free());
  office.seat.end_of_file();
  EXPECT_TRUE(office.seat.is_free()) << "somebody else sits there";
  EXPECT_EQ(office.log.take(), (Lines{"send 1", "ask 1", "SIGTERM", "1 completed: just in time", "replace"}));
}

TEST(Escalation, GoesOnAgainstWhoIgnoresIt) {
  Office office;
  office.run(1);
  office.pass(seconds(12));
  office.seat.answered("just in time");
  office.log.take();
  office.pass(seconds(2));
  EXPECT_EQ(office.log.take(), Lines{"SIGKILL"}) << "or its seat would be lost";
}

TEST(Death, IsReportedOnceWithTheStatus) {
  Office office;
  office.run(1);
  office.seat.end_of_file();
  EXPECT_EQ(office.log.take(), Lines{"send 1"}) << "why is not known yet";
  EXPECT_FALSE(office.seat.is_free());
  office.seat.exited("killed by SIGSEGV");
  EXPECT_EQ(office.log.take(), (Lines{"1 failed: killed by SIGSEGV", "replace"}));
  office.run(2);
  office.seat.answered("b");
  EXPECT_EQ(office.log.take(), (Lines{"send 2", "2 completed: b"}));
}

TEST(Death, AnAnswerThatIsStillInTheSocketCounts) {
  Office office;
  office.run(1);
  office.seat.exited("exited with 0");
  EXPECT_EQ(office.log.take(), Lines{"send 1"});
  office.seat.answered("the last words");
  office.seat.end_of_file();
  EXPECT_EQ(office.log.take(), (Lines{"1 completed: the last words", "replace"}));
}

TEST(Death, OfAnIdleOneCostsNoJob) {
  Office office;
  office.seat.exited("exited with 1");
  EXPECT_FALSE(office.seat.is_free());
  office.seat.end_of_file();
  EXPECT_TRUE(office.seat.is_free());
  EXPECT_EQ(office.log.take(), Lines{"replace"});
}

TEST(Death, NoSignalIsSentToWhoHasExited) {
  Office office;
  office.run(1);
  office.pass(seconds(11));
  office.seat.exited("exited with 0");
  office.log.take();
  office.pass(std::chrono::milliseconds(1500));
  EXPECT_EQ(office.log.take(), Lines{}) << "its number may be another one's by now";
}

TEST(Halves, AnEndOfFileWithoutAnExitIsForced) {
  Office office;
  office.run(1);
  office.seat.end_of_file();
  office.log.take();
  office.pass(seconds(2));
  EXPECT_EQ(office.log.take(), Lines{"SIGKILL"});
  office.seat.exited("killed by SIGKILL");
  EXPECT_EQ(office.log.take(), (Lines{"1 failed: killed by SIGKILL", "replace"}));
}

TEST(Halves, AnExitWithoutAnEndOfFileIsEnough) {
  Office office;
  office.run(1);
  office.seat.exited("exited with 3");
  office.log.take();
  office.pass(seconds(2));
  EXPECT_EQ(office.log.take(), (Lines{"1 failed: exited with 3", "replace"}));
  EXPECT_TRUE(office.seat.is_free());
}

namespace {

// A world with one process in it, which answers, hangs, ignores signals and dies as chance will have it. What was sent to
// it arrives later, and so does what comes from it.
class Chance : public World {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  void run() {
    for (Number job = 1; job <= 5; ++job) {
      for (int wait = 0; !seat_.is_free(); ++wait) {
        ASSERT_LT(wait, 400) << "the seat is never free again";
        step();
      }
      seat_.run(job, seconds(1 + one_of(8)));
      if (::testing::Test::HasFailure()) return;
    }
    for (int wait = 0; reports_.size() < 5; ++wait) {
      ASSERT_LT(wait, 400) << "a job is never reported";
      step();
    }
    for (int i = 0; i < 100; ++i) step();
    for (const auto& [job, reports] : reports_) EXPECT_EQ(reports, 1) << "job " << job;
  }

  void send(Number job) override {
    EXPECT_FALSE(signalled_) << "a signal is on its way to it";
    const int kind = one_of(10);
    if (kind < 4) later(one_of(30), [this, job] { answer(job); });
    if (kind == 4) later(one_of(30), [this] { die("killed by SIGSEGV"); });
    if (kind == 5) later(one_of(30), [this, job] { answer(job), die("exited with 0"); });
    if (kind == 6) later(one_of(20), [this] { close(); });
    hangs_ = kind > 8;  // with any other, it stops when it is asked
    running_ = job;
  }
  void ask(Number job) override {
    EXPECT_EQ(job, running_);
    if (!hangs_) later(one_of(8), [this, job] { answer(job); });
  }
  void signal(int number) override {
    EXPECT_FALSE(status_known_) << "it has exited, and its number is somebody else's";
    signalled_ = true;
    if (number == SIGKILL || one_of(2) == 0) later(one_of(4), [this, number] { die("killed by " + name_of(number)); });
  }
  void report(Number job, const std::string&) override { ++reports_[job]; }
  void replace() override {
    EXPECT_TRUE(status_known_) << "nobody knows whether it has gone";
    events_.clear();
    gone_ = closed_ = signalled_ = status_known_ = false;
    last_read_ = now_;
  }

 private:
  int one_of(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  // In so many half seconds; what is of a process that has been replaced is dropped.
  void later(int steps, std::function<void()> what) { events_.emplace(now_ + steps, std::move(what)); }

  // What the process does. Its writes come in their order, before the end of file; its status comes when it comes.
  void answer(Number job) {
    if (gone_ || closed_ || answered_ >= job) return;
    answered_ = job;
    socket_event([this] { seat_.answered("x"); });
  }
  void close() {
    if (std::exchange(closed_, true)) return;
    socket_event([this] { seat_.end_of_file(); });
  }
  void die(const std::string& status) {
    if (std::exchange(gone_, true)) return;
    if (one_of(8) != 0) close();  // or a child of its own keeps the socket open
    later(one_of(3), [this, status] {
      status_known_ = true;
      seat_.exited(status);
    });
  }
  void socket_event(std::function<void()> what) {
    const int steps = std::max(last_read_ - now_, one_of(3));
    last_read_ = now_ + steps;
    later(steps, std::move(what));
  }

  // Half a second.
  void step() {
    ++now_;
    clock_.advance(std::chrono::milliseconds(500));
    while (!events_.empty() && events_.begin()->first <= now_) {
      const auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    seat_.tick();
  }

  std::mt19937 random_;
  ManualClock clock_;
  Seat seat_{clock_, *this, seconds(2)};
  std::multimap<int, std::function<void()>> events_;  // by the half second in which they happen
  int now_ = 0, last_read_ = 0;
  bool gone_ = false, closed_ = false, signalled_ = false, status_known_ = false, hangs_ = false;
  Number running_ = 0, answered_ = 0;
  std::map<Number, int> reports_;
};

}  // namespace

TEST(Chances, EachJobIsReportedOnceAndNoSignalGoesAstray) {
  for (unsigned seed = 0; seed < 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chance(seed).run();
  }
}

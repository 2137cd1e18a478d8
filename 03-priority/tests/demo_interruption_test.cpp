// Ctrl-C and SIGTERM in the midst of the demo of stage 03: what was done is shown, and nothing goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "../../02-bounded-queue/tests/demo_output.hpp"
#include "demo_program.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// Waits until a file of that name is opened: the kernel says so, and the test needs no sleep.
class Opened {
 public:
  explicit Opened(const std::string& folder) : descriptor_(::inotify_init1(IN_CLOEXEC)) {
    ::inotify_add_watch(descriptor_, folder.c_str(), IN_OPEN);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() { ::close(descriptor_); }

  bool wait_for(const std::string& name) const {
    alignas(inotify_event) char buffer[4096];
    pollfd ready{descriptor_, POLLIN, 0};
    while (::poll(&ready, 1, 60'000) == 1) {
      const ssize_t size = ::read(descriptor_, buffer, sizeof buffer);
      for (const char* at = buffer; at < buffer + size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        if (event->len > 0 && event->name == name) return true;
        at += sizeof(inotify_event) + event->len;
      }
    }
    return false;
  }

 private:
  int descriptor_;
};

class PriorityDemoInterrupted : public PriorityDemo {
 protected:
  static constexpr int kFiles = 40;

  // One large text under many names: work for seconds, of which nobody has to write more than a part.
  PriorityDemoInterrupted() {
    std::string lines;
    for (int i = 0; i < 600'000; ++i) lines += "word" + std::to_string(i % 1000) + " often\n";
    const std::string first = folder_.write("file100", lines);
    for (int i = 1; i < kFiles; ++i)
      std::filesystem::create_hard_link(first, folder_ / ("file" + std::to_string(100 + i)));
  }
};

// S3.6, C2
TEST_F(PriorityDemoInterrupted, ShowsWhatIsThereAndEndsWithTheStatusOfTheSignal) {
  for (const auto& [signal, name] : {std::pair(SIGINT, "SIGINT"), std::pair(SIGTERM, "SIGTERM")}) {
    const Opened opened(folder_.path());
    const Ended demo = run({"--workers=1"}, [&, number = signal](pid_t child, Output&) {
      EXPECT_TRUE(opened.wait_for("file102"));  // so two are done
      ::kill(child, number);
    });
    EXPECT_EQ(demo.status, 128 + signal);
    EXPECT_EQ(demo.err, std::string("priority_demo: interrupted (") + name + ")\n");
    const std::size_t partial = demo.out.find("\nmissing   partial: ");
    ASSERT_NE(partial, std::string::npos) << demo.out;
    const int done = std::atoi(demo.out.c_str() + partial + 20);
    EXPECT_GE(done, 2);
    EXPECT_LT(done, kFiles);
    EXPECT_THAT(demo.out, HasSubstr("partial: " + std::to_string(done) + " of 40 files, " +
                                    std::to_string(kFiles - done) + " cancelled\n"));
    EXPECT_THAT(demo.out, HasSubstr("\nresult    " + std::to_string(done) + " text files, "));
    EXPECT_THAT(demo.out, HasSubstr("\nverified  no: a partial result is not compared with one by one\n"));
    EXPECT_THAT(demo.out, HasSubstr("\nshutdown  queue drained, 1 worker joined\n"));
    EXPECT_THAT(demo.out, Not(HasSubstr("ageing")));  // nothing follows
  }
}

// S3.6
TEST_F(PriorityDemoInterrupted, TheJsonOfAPartialResultSaysSoAndItsBooksBalance) {
  const Opened opened(folder_.path());
  const Ended demo = run({"--workers=1", "--json", "--ask=often"}, [&](pid_t child, Output&) {
    EXPECT_TRUE(opened.wait_for("file101"));
    ::kill(child, SIGINT);
  });
  EXPECT_EQ(demo.status, 130);
  EXPECT_THAT(demo.out, HasSubstr("\"interrupted\":true"));
  EXPECT_EQ(number(demo.out, "given_up") + number(demo.out, "files"), kFiles);
  EXPECT_EQ(number(demo.out, "cancelled"), number(demo.out, "given_up"));
  EXPECT_EQ(number(demo.out, "submitted"), number(demo.out, "completed") + number(demo.out, "cancelled"));
}

// S3.6
TEST_F(PriorityDemoInterrupted, EndsThePromptToo) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer now and then keeps the signal back that comes while the prompt waits";
#endif
  const Ended demo = run_on_a_screen({"--workers=1", "--patience=600"}, 80, [&](pid_t child, Output& screen) {
    ASSERT_TRUE(screen.read_until("who mentions? "));
    ::kill(child, SIGINT);
  });
  EXPECT_EQ(demo.status, 130);
  EXPECT_THAT(demo.out, MatchesRegex(".*partial: [0-9]+ of 40 files, [0-9]+ cancelled.*"));
}

// S3.6
TEST_F(PriorityDemo, AnExperimentThatIsInterruptedIsGivenUp) {
  folder_.write("file", "text\n");
  const Ended demo = run({"--texts=100000"}, [&](pid_t child, Output& out) {
    EXPECT_TRUE(out.read_until("shutdown"));  // the folder is done
    ::kill(child, SIGTERM);
  });
  EXPECT_EQ(demo.status, 128 + SIGTERM);
  EXPECT_THAT(demo.out, HasSubstr("both runs found exactly the same"));
  EXPECT_THAT(demo.out, Not(HasSubstr("waiting: ")));
  EXPECT_EQ(demo.err, "priority_demo: interrupted (SIGTERM)\n");
}

}  // namespace

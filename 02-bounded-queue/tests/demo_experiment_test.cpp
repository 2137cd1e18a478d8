// The memory experiment of the demo of stage 02: what it measures, draws, and leaves behind, which is nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "../../01-basic-pool/tests/json_checker.hpp"
#include "demo_output.hpp"
#include "demo_program.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
namespace fs = std::filesystem;

// S2.2, S2.5
TEST_F(BoundedDemo, TheExperimentRunsEveryPolicyAndItsCountsAddUp) {
  const Ended demo = run({"--json", "--experiment", "--files=40", "--capacity=4", "--jobs=1"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  ASSERT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  std::vector<std::string> policies = {"block"};  // without a limit
  policies.insert(policies.end(), kPolicies.begin(), kPolicies.end());
  std::size_t run = demo.out.find("\"runs\":");
  double without_room = 0;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    SCOPED_TRACE(std::to_string(i) + ": " + policies[i]);
    const double capacity = i == 0 ? 0 : 4;
    run = demo.out.find("{\"capacity\":", run + 1);
    ASSERT_NE(run, std::string::npos);
    EXPECT_EQ(number(demo.out, "capacity", run), capacity);
    EXPECT_EQ(
        demo.out.compare(demo.out.find("\"overflow\":", run) + 11, policies[i].size() + 2, "\"" + policies[i] + "\""),
        0);
    const Counts counts(demo.out, run);
    EXPECT_EQ(counts.accepted + counts.rejected, 40);
    EXPECT_EQ(counts.accepted, counts.completed + counts.ran_in_caller + counts.dropped);
    if (i != 0) {
      EXPECT_LE(counts.high_water, capacity);
    }
    without_room += counts.rejected + counts.ran_in_caller + counts.dropped;
    EXPECT_GT(number(demo.out, "peak_memory", run), 40 * 1000);
    if (i == 1) {
      // Never more in the system than wait, are counted, and wait for room: one, one worker's and four.
      const double product = number(demo.out, "arrivals_per_second", run) * number(demo.out, "mean_stay_seconds", run);
      EXPECT_GT(number(demo.out, "mean_in_system", run), 0);
      EXPECT_LE(number(demo.out, "mean_in_system", run), 6);
      EXPECT_GT(product, 0);
      EXPECT_LE(product, 6.001);
    }
  }
  EXPECT_GT(without_room, 0);
  EXPECT_TRUE(fs::is_empty(temporary_.path()));
}

TEST_F(BoundedDemo, TheExperimentFollowsOnlyInTheCurrentFolderOrOnRequest) {
  const std::string title = "\nthe memory experiment\n  3 generated texts, 192.0 KB, ";
  folder_.write("below/file", "text");
  EXPECT_THAT(run({"--files=3"}).out, HasSubstr(title));
  EXPECT_THAT(run({"--files=3", "."}).out, HasSubstr(title));
  EXPECT_THAT(run({"--files=3", "--capacity=0"}).out, HasSubstr(" capacity 64: up to "));
  EXPECT_THAT(run({"--files=3", "--experiment", "below"}).out, HasSubstr(title));
  for (const std::vector<std::string>& without :
       std::vector<std::vector<std::string>>{{"below"}, {"--no-experiment"}, {"--quiet"}, {"--json"}}) {
    const Ended demo = run(without);
    EXPECT_EQ(demo.status, 0);
    EXPECT_THAT(demo.out, Not(HasSubstr("experiment"))) << without[0];
  }
}

TEST_F(BoundedDemo, FillsAPageOf60PlainLinesOf80Columns) {
  folder_.write("a name that is far too long for a page of eighty columns, even alone", "text and\x1b[31m colour");
  folder_.write("binary", std::string(10, '\0'));
  for (const char* policy : {"block", "reject"}) {
    const Ended demo = run({"--files=30", "--jobs=30", "--capacity=1000000000", "--overflow", policy});
    EXPECT_EQ(demo.status, 0);
    EXPECT_EQ(demo.err, "");
    EXPECT_LE(lines_of(demo.out).size(), 60u);
    for (const std::string& line : lines_of(demo.out)) {
      EXPECT_LE(line.size(), 80u) << line;
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
      EXPECT_TRUE(std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 32 || c > 126; })) << line;
    }
    EXPECT_THAT(demo.out, HasSubstr("#"));
    EXPECT_THAT(demo.out, HasSubstr(" 0 +----"));
  }
}

TEST_F(BoundedDemo, SuitsTheScreen) {
  const std::vector<std::string> arguments = {"--files=30", "--capacity=4"};
  EXPECT_THAT(run_on_a_screen(arguments, 80).out, HasSubstr("\x1b[36m"));
  environment_.emplace_back("NO_COLOR=1");
  environment_[0] = "LC_ALL=C.UTF-8";
  const Ended wide = run_on_a_screen(arguments, 80);
  EXPECT_EQ(wide.status, 0);
  EXPECT_THAT(wide.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(wide.out, HasSubstr(" 0 \u2514\u2500\u2500"));
  EXPECT_THAT(wide.out, MatchesRegex(".*no limit: up to [^\n]*capacity 4: up to .*"));
  EXPECT_THAT(wide.out, HasSubstr("accepted  rejected  dropped"));
  const Ended narrow = run_on_a_screen(arguments, 60);  // the charts one below the other, lists in place of tables
  EXPECT_THAT(narrow.out, HasSubstr("\n         capacity 4: up to "));
  EXPECT_THAT(narrow.out, HasSubstr("\n  run_in_caller\r\n    accepted 30, rejected 0, dropped 0, workers "));
}

TEST_F(BoundedDemo, WritesTheChartAsAPicture) {
  const Ended demo = run({"--quiet", "--files=20", "--capacity=3", "--svg=chart.svg"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  const std::string svg = content_of(folder_ / "chart.svg");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 344\" role=\"img\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  for (const char* part : {"<title id=\"title\">", "<desc id=\"description\">", "prefers-color-scheme:dark",
                           "<path class=\"free\"", "<path class=\"bound\"", ">capacity 3<", "20 files, 1.3 MB;"})
    EXPECT_THAT(svg, HasSubstr(part));
  for (const char* part : {"<script", "nan", "inf", "href"}) EXPECT_THAT(svg, Not(HasSubstr(part)));
  EXPECT_EQ(std::count(svg.begin(), svg.end(), '<'), std::count(svg.begin(), svg.end(), '>'));
}

TEST_F(BoundedDemo, SaysSoIfThePictureCannotBeWrittenAndRemovesItsFolder) {
  const Ended demo = run({"--quiet", "--files=2", "--svg=no/such/folder.svg"});
  EXPECT_EQ(demo.status, 1);
  EXPECT_EQ(demo.err, "bounded_demo: cannot write 'no/such/folder.svg': No such file or directory\n");
  EXPECT_TRUE(fs::is_empty(temporary_.path()));
}

TEST_F(BoundedDemo, SaysSoIfThereIsNoPlaceForTheExperiment) {
  fs::remove(temporary_.path());
  const Ended demo = run({"--quiet", "--files=2", "--experiment"});
  fs::create_directory(temporary_.path());
  EXPECT_EQ(demo.status, 1);
  EXPECT_THAT(demo.err, MatchesRegex("bounded_demo: .+\n"));
}

// A kernel's notification of what happens in a folder: so a test can wait for it, and needs no sleep.
class FolderEvents {
 public:
  FolderEvents(const std::string& folder, unsigned events) : descriptor_(::inotify_init1(IN_CLOEXEC)) {
    ::inotify_add_watch(descriptor_, folder.c_str(), events);
  }
  FolderEvents(const FolderEvents&) = delete;
  FolderEvents& operator=(const FolderEvents&) = delete;
  ~FolderEvents() { ::close(descriptor_); }

  // Waits until something happens to a file whose name begins so, and returns the name; "?" if nothing does.
  std::string about(std::string_view beginning) const {
    alignas(inotify_event) char buffer[4096];
    pollfd ready{descriptor_, POLLIN, 0};
    while (::poll(&ready, 1, 60'000) == 1) {
      const ssize_t size = ::read(descriptor_, buffer, sizeof buffer);
      for (const char* at = buffer; at < buffer + size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        std::string name = event->len > 0 ? event->name : "";
        if (name.starts_with(beginning)) return name;
        at += sizeof(inotify_event) + event->len;
      }
    }
    return "?";
  }

 private:
  int descriptor_;
};

TEST_F(BoundedDemo, RemovesItsFolderWhenItIsInterruptedWhileGenerating) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const FolderEvents events(temporary_.path(), IN_CREATE);
    const pid_t demo = start({"--files=3000"});
    EXPECT_NE(events.about("bounded-demo-"), "?");
    ::kill(demo, signal);
    const Ended ended = end(demo);
    EXPECT_EQ(ended.status, -signal);
    EXPECT_EQ(ended.err, "");
    EXPECT_TRUE(fs::is_empty(temporary_.path()));
  }
}

TEST_F(BoundedDemo, RemovesItsFolderWhenItIsInterruptedWhileMeasuring) {
  const FolderEvents created(temporary_.path(), IN_CREATE);
  const pid_t demo = start({"--files=600", "--jobs=1"});
  const std::string folder = created.about("bounded-demo-");
  const FolderEvents read(temporary_ / folder, IN_ACCESS);  // nobody but the measured process reads there
  EXPECT_NE(read.about("1"), "?");
  ::kill(demo, SIGINT);
  const Ended ended = end(demo);
  EXPECT_EQ(ended.status, -SIGINT);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, Not(HasSubstr("experiment")));
  EXPECT_TRUE(fs::is_empty(temporary_.path()));
}

}  // namespace

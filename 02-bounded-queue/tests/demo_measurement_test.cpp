// What the demo makes of its samples: Little's law and the chart. A demo is a program and no library, so the sources
// that are tested here are included.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../demo/measurement.cpp"   // NOLINT(bugprone-suspicious-include)
#include "../demo/memory_chart.cpp"  // NOLINT(bugprone-suspicious-include)

namespace {

using ::testing::ElementsAre;

// Two texts for two seconds, then one for one more, and one second of nothing.
Measurement four_seconds() {
  Measurement m;
  m.seconds = 4;
  m.arrivals = 2;
  m.stayed_seconds = 5;
  m.samples = {{0, 800, 2}, {2, 800, 2}, {2, 400, 1}, {3, 400, 1}, {3, 0, 0}, {4, 0, 0}};
  return m;
}

TEST(Measurement, TheMeanInTheSystemIsTheRateOfArrivalsTimesTheMeanStay) {
  const Measurement m = four_seconds();
  EXPECT_DOUBLE_EQ(m.arrival_rate(), 0.5);
  EXPECT_DOUBLE_EQ(m.mean_stay(), 2.5);
  EXPECT_DOUBLE_EQ(m.mean_in_system(), 1.25);
  EXPECT_DOUBLE_EQ(m.arrival_rate() * m.mean_stay(), m.mean_in_system());
}

TEST(Measurement, OfNothingIsZero) {
  const Measurement m;
  EXPECT_EQ(m.arrival_rate(), 0);
  EXPECT_EQ(m.mean_stay(), 0);
  EXPECT_EQ(m.mean_in_system(), 0);
}

TEST(Measurement, IsReadAsItWasWritten) {
  Measurement m = four_seconds();
  m.accepted = 1, m.completed = 2, m.rejected = 3, m.ran_in_caller = 4, m.dropped = 5, m.high_water = 6;
  m.peak_memory = 123'456'789'012;
  m.seconds = 4.00000123;
  std::ostringstream out;
  write(out, m);
  const Measurement read = read_measurement(out.str());
  std::ostringstream again;
  write(again, read);
  EXPECT_EQ(again.str(), out.str());
  EXPECT_EQ(read.dropped, 5u);
  EXPECT_EQ(read.peak_memory, m.peak_memory);
  EXPECT_EQ(read.samples.size(), 6u);
  EXPECT_EQ(read.seconds, m.seconds);
}

TEST(Measurement, IsRefusedIfItIsCutOffOrSomethingElse) {
  for (const char* text : {"", "accepted 1\n", "accepted\nend\n", "sample 1 2\nend\n", "colour red\nend\n"})
    EXPECT_THROW(read_measurement(text), std::runtime_error) << text;
}

// S2.5
TEST(InSystem, CountsATextFromItsArrivalUntilNobodyOwnsItsStay) {
  InSystem system;
  {
    InSystem::Stay first(system, 100);
    const InSystem::Stay second(system, 20);
    const InSystem::Stay moved = std::move(first);  // moving is no departure
    EXPECT_EQ(system.texts(), 2u);
    EXPECT_EQ(system.bytes(), 120u);
    EXPECT_EQ(system.stayed_seconds(), 0);
  }
  EXPECT_EQ(system.texts(), 0u);
  EXPECT_EQ(system.bytes(), 0u);
  EXPECT_EQ(system.arrivals(), 2u);
  EXPECT_GE(system.stayed_seconds(), 0);
}

TEST(MemoryChart, APartShowsTheMostInItAndOneWithoutSamplesTheLastBefore) {
  const std::vector<Sample> samples = {{0.0, 10, 1}, {0.5, 30, 1}, {0.9, 20, 1}, {3.5, 40, 1}, {4.0, 0, 0}};
  EXPECT_THAT(most_in_parts(samples, 4, 4), ElementsAre(30, 20, 20, 40));
  EXPECT_THAT(most_in_parts(samples, 8, 8), ElementsAre(30, 20, 20, 40, 0, 0, 0, 0));  // over after four
  EXPECT_THAT(most_in_parts({}, 4, 2), ElementsAre(0, 0));
}

TEST(MemoryChart, DrawsToAnEighthOfARowWhereItCanAndAlwaysTheSameWidth) {
  const std::vector<Sample> samples = {{0.5, 1, 1}, {1.5, 700, 1}, {2.5, 1600, 1}, {3.5, 0, 0}};
  const Scale scale{4, 1600};
  EXPECT_THAT(memory_chart(Terminal{}, "title", samples, scale, 14, 2),
              ElementsAre("         title", "  1.6 KB |  # ", "         |### ", "       0 +----", "         04.00 s"));
  EXPECT_THAT(memory_chart(Terminal{.encoding = Encoding::utf8}, "title", samples, scale, 14, 2),
              ElementsAre("         title", "  1.6 KB │  █ ", "         │▁▇█ ", "       0 └────", "         04.00 s"));
}

TEST(MemoryChart, TheScaleHoldsAllThatIsCompared) {
  Measurement longer, larger;
  longer.seconds = 9;
  longer.samples = {{1, 5, 1}};
  larger.seconds = 2;
  larger.samples = {{1, 50, 1}, {2, 7, 1}};
  const Scale scale = scale_of({&longer, &larger});
  EXPECT_EQ(scale.seconds, 9);
  EXPECT_EQ(scale.bytes, 50u);
}

}  // namespace

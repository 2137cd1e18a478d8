// A ring that is read while it is written, on weak memory: what is read is whole.
#include <pool/metrics/trace_ring.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstdint>
#include <vector>

namespace pool::metrics {
namespace {

void add(TraceRing& ring, std::int64_t n) {
  TraceEvent event{.about = static_cast<std::uint32_t>(n), .begin = n, .duration = n, .name = {}};
  event.name[0] = static_cast<char>('0' + n);
  ring.add(event);
}

void expect_whole(const std::vector<TraceEvent>& events, std::int64_t last) {
  for (const TraceEvent& event : events) {
    EXPECT_EQ(event.duration, event.begin);
    EXPECT_EQ(event.about, static_cast<std::uint32_t>(event.begin));
    EXPECT_EQ(event.name[0], static_cast<char>('0' + event.begin));
    EXPECT_LE(event.begin, last);
  }
}

// S6.12
EXPLORE_WITH(TraceRingExplored, EventsAreWhole, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  TraceRing ring(1);
  add(ring, 1);
  sync::thread writer([&] {
    add(ring, 2);
    add(ring, 3);
  });
  expect_whole(ring.read(), 3);
  writer.join();
  const std::vector<TraceEvent> events = ring.read();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].begin, 3);
}

}  // namespace
}  // namespace pool::metrics

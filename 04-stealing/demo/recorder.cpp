#include "recorder.hpp"

#include <utility>

double Lane::busy() const {
  double seconds = 0;
  for (const Stretch& stretch : stretches) seconds += stretch.end - stretch.begin;
  return seconds;
}

Recorder::Recorder(std::size_t workers, std::size_t events) : lanes_(workers + 1) {
  for (Entries& lane : lanes_) lane.entries.reserve(events / lanes_.size() + 1);
  start_ = Clock::now();
}

Timeline Recorder::timeline() const {
  Timeline timeline;
  for (const Entries& own : lanes_) timeline.workers.push_back(lane(own));
  timeline.caller = std::move(timeline.workers.back());
  timeline.workers.pop_back();
  return timeline;
}

// Goes through the events as they came, with what has begun and not ended; the innermost is the last. Nothing ends that
// has not begun, since what is left out is left out to the end.
Lane Recorder::lane(const Entries& own) const {
  Lane lane;
  std::vector<Doing> open;
  double since = 0;
  for (const Entry& entry : own.entries) {
    const double now = std::chrono::duration<double>(entry.at - start_).count();
    if (entry.event == Event::steal) {
      lane.steals.push_back(now);
      continue;
    }
    if (!open.empty() && open.back() != Doing::nothing && now > since)
      lane.stretches.push_back({since, now, open.back()});
    since = now;
    if (entry.event == Event::begin) open.push_back(entry.what);
    if (entry.event == Event::end) open.pop_back();
  }
  lane.left_out = own.left_out;
  return lane;
}

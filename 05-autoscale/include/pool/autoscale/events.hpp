// Events: what has become of a pool's workers, for whoever wants to know: the last ones, and how many of each kind.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (E1) of all that was noted, nothing is missing in the counts, and the last kLog are in the log
//              (E2) to note something needs no memory
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::autoscale {

using priority::Time;

struct Event {
  enum class Kind {
    started,      // a worker began
    not_started,  // its thread could not be created, or did not survive on_start; it is tried again
    retired,      // it was taken away
    died,         // a job has ended its thread; it is replaced
    scaled,       // another size is wanted from now on
    no_sample,    // the load could not be measured, or the policy has thrown
  };
  static constexpr std::size_t kKinds = 6;

  Kind kind = Kind::started;
  Time time{};
  std::size_t worker = 0;   // whom it is about; of `scaled` and `no_sample`: nobody, 0
  std::size_t workers = 0;  // how many there are after it; of `scaled`: how many are wanted
};

class Events {
 public:
  static constexpr std::size_t kLog = 256;

  // What there was by now, the oldest first.
  struct Seen {
    std::vector<Event> last;
    [[nodiscard]] std::size_t count(Event::Kind kind) const { return counts[static_cast<std::size_t>(kind)]; }
    std::array<std::size_t, Event::kKinds> counts{};
  };

  void note(const Event& event);
  [[nodiscard]] Seen seen() const;
  // The first of those in the log that came after so many; then it is one of those so many. None: that was all.
  [[nodiscard]] std::optional<Event> next_after(std::size_t& many) const;

 private:
  struct Log {
    std::array<Event, kLog> ring;
    std::array<std::size_t, Event::kKinds> counts{};
    std::size_t noted = 0;  // the next one comes to this place, counted round the ring
  };

  mutable sync::mutex mutex_;
  sync::cell<Log> log_;  // guarded by mutex_
};

}  // namespace pool::autoscale

// Recorder: writes down what each worker does, and when, for a timeline that is drawn afterwards.
//
// It hears of jobs and steals as the pool's observer. What a job does it cannot see: that is said by an Activity. A job
// that waits runs something else meanwhile, so what counts is the innermost one that has not ended.
// Thread safety: each worker writes its own lane; the thread that is no worker has the last one. timeline() is for when
// the workers have gone.
// Invariant:  (R1) a lane never grows: what does not fit is counted, and left out
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <pool/stealing/observer.hpp>

// `other` is what there is beside counting: walking through folders, merging what the workers have.
enum class Doing : std::uint8_t { nothing, other, file, large };

struct Stretch {
  double begin = 0, end = 0;  // seconds since the start
  Doing what = Doing::nothing;
};

struct Lane {
  std::vector<Stretch> stretches;  // in their order; between them it does nothing
  std::vector<double> steals;      // when it has taken something from another worker
  std::size_t left_out = 0;        // events that did not fit

  [[nodiscard]] double busy() const;  // seconds
};

struct Timeline {
  std::vector<Lane> workers;
  Lane caller;  // who handed in the work
  double seconds = 0;
};

class Recorder : public pool::stealing::Observer {
 public:
  explicit Recorder(std::size_t workers, std::size_t events = 1'000'000);  // at most, of all lanes together

  void begin(std::size_t worker, pool::priority::Priority, const pool::priority::Unit*) noexcept override {
    note(worker, Event::begin);
  }
  void end(std::size_t worker) noexcept override { note(worker, Event::end); }
  void steal(std::size_t thief, std::size_t) noexcept override { note(thief, Event::steal); }

  // The time begins anew: the pool is there, and nothing has been handed in.
  void start() { start_ = Clock::now(); }

  // Something that is done as long as the object lives, within a job or not.
  class Activity {
   public:
    Activity(Recorder& recorder, std::size_t worker, Doing what)
        : recorder_(recorder), worker_(worker), entry_(recorder.note(worker, Event::begin, what)) {}
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;
    ~Activity() { recorder_.end(worker_); }

    // It was that from its beginning.
    void turns_out_to_be(Doing what) {
      std::vector<Entry>& entries = recorder_.lanes_[worker_].entries;
      if (entry_ < entries.size()) entries[entry_].what = what;
    }

   private:
    Recorder& recorder_;
    const std::size_t worker_, entry_;
  };

  [[nodiscard]] std::size_t caller() const { return lanes_.size() - 1; }
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  [[nodiscard]] Timeline timeline() const;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Event : std::uint8_t { begin, end, steal };
  struct Entry {
    Clock::time_point at;
    Event event;
    Doing what;  // nothing, for a job: until there is an activity within it
  };
  struct alignas(64) Entries {
    std::vector<Entry> entries;
    std::size_t left_out = 0;
  };

  // Where it stands in the worker's lane, or would, if there were room.
  std::size_t note(std::size_t worker, Event event, Doing what = Doing::nothing) noexcept {
    Entries& own = lanes_[worker];
    const std::size_t place = own.entries.size();
    if (place == own.entries.capacity()) {
      ++own.left_out;
    } else {
      own.entries.push_back({Clock::now(), event, what});
    }
    return place;
  }
  [[nodiscard]] Lane lane(const Entries& own) const;

  std::vector<Entries> lanes_;  // one for each worker, and the caller's
  Clock::time_point start_;
};

// Injector: where work from outside waits until a worker claims it. It consists of segments, one for each thread that
// hands in, so that those threads never meet; a segment has a stream for each level. Each segment has a home, the worker
// that looks there first.
//
// Thread safety: every member may be called from any thread; the destructor only when nobody else uses the injector.
// What a Segment is for, by the thread whose it is.
// Invariants:  (I1) a cell that was published is claimed exactly once, or taken back; a unit may be removed instead
//              (I2) of one thread's cells of one level, the oldest goes first
//              (I3) a level that has work in some stream has its bit in occupied(), or somebody is about to set it, and
//                   announces it then
//              (I4) no code of the user runs under a lock, but for what a Shared is used for
// Memory ordering: what happens before work is published is visible to whoever gets it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>
#include <pool/stealing/chunk.hpp>
#include <pool/stealing/claim.hpp>
#include <pool/stealing/stream.hpp>

namespace pool::stealing {

using priority::kLevels;

class Injector {
 public:
  static constexpr std::size_t kSegments = 512;

  // Homes for so many workers, and segments for so many threads at a time; more than that share one.
  Injector(Chunks& chunks, std::size_t workers, std::size_t segments = kSegments);
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;
  ~Injector();

  class Segment {
   public:
    Segment(Chunks& chunks, std::size_t number, const sync::atomic<bool>& closed)
        : place(static_cast<std::uint16_t>(number + 1)), chunks_(chunks), closed_(closed) {}
    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;
    ~Segment();

    [[nodiscard]] Stream& stream(std::size_t level) {  // throws std::bad_alloc
      Stream* const made = streams_[level].load(std::memory_order_relaxed);
      return made != nullptr ? *made : make(level);
    }
    [[nodiscard]] Stream* made(std::size_t level) const { return streams_[level].load(std::memory_order_seq_cst); }

    // So many were handed in, or are about to be; or were not, after all: then somebody may wait for that.
    void count(std::size_t many) { in_.store(in_.load(std::memory_order_relaxed) + many, std::memory_order_release); }
    void discount(std::size_t many) {
      in_.exchange(in_.load(std::memory_order_relaxed) - many, std::memory_order_seq_cst);  // [less]
    }
    [[nodiscard]] std::size_t in() const { return in_.load(std::memory_order_seq_cst); }  // [less]

    const std::uint16_t place;  // for Unit::place: counted from one

   private:
    Chunks& chunks_;
    const sync::atomic<bool>& closed_;
    std::array<sync::atomic<Stream*>, kLevels> streams_{};  // written by its thread; [stream]

   public:                                        // for its thread:
    alignas(64) bool filling = false;             // code of the user is called to fill a cell
    std::size_t calm = 0;                         // how much more cannot be the most that ever waited
    std::array<std::size_t, kLevels> appended{};  // closures that are not counted and not published
    std::array<bool, kLevels> refused{};          // whether closures were taken back

   private:
    Stream& make(std::size_t level);

    sync::atomic<std::size_t> in_{0};  // written by its thread
  };

  // The calling thread's; null if it has none, or is filling a cell of it further up the stack. Throws std::bad_alloc.
  [[nodiscard]] Segment* own();

  // For those who have none. Nothing of the user's may be called while one of these lives.
  class Shared {
   public:
    explicit Shared(Injector& injector);  // throws std::bad_alloc
    [[nodiscard]] Segment& segment() const { return segment_; }

   private:
    std::unique_lock<sync::mutex> lock_;
    Segment& segment_;
  };

  // Nobody claims what is published from now on: whoever has published looks at closed(), and takes it back.
  void close();
  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_seq_cst); }  // [closing]

  // A stream of the level was listed, or unlisted, by so many.
  void list(std::size_t level, int change = 1);

  // A bit for each level that has work. One load.
  [[nodiscard]] unsigned occupied() const;

  // Whether another level than that has its bit there.
  [[nodiscard]] bool lists_others(std::size_t level) const {
    const std::uint64_t count = (std::uint64_t{1} << kBits) - 1;
    return (occupied_.load(std::memory_order_seq_cst) & ~(count << level * kBits)) != 0;
  }

  // Whether there is something in any stream of a level that occupied() names, or of one of these levels: it may name one
  // that was emptied. seq_cst, as that is. What is in a stream that is about to be listed counts, if its level is named:
  // then it can be claimed, too.
  [[nodiscard]] bool anything() const { return anything(occupied()); }
  [[nodiscard]] bool anything(unsigned levels) const;

  // From the stream of one segment: see Stream::claim(). A worker's homes come first, if so wished, and of these the one
  // after `turn`, where it was served last.
  [[nodiscard]] Batch claim(std::size_t level, std::size_t worker, std::size_t most, std::size_t shares,
                            Duration spread, std::size_t& turn, bool homes_first = true, Time now = Time::max());

  // Since when the oldest cell of the level has waited, in whichever segment; and that one, or one as old.
  [[nodiscard]] std::optional<Time> oldest(std::size_t level) const;
  [[nodiscard]] Batch claim_oldest(std::size_t level);

  // Takes out a unit that was published and not claimed. Null if it is not here.
  [[nodiscard]] UnitPtr remove(Unit& unit);

  // How much was handed in, ever, and published or about to be.
  [[nodiscard]] std::size_t in() const;
  // How much waits in the segments of this home, and what was removed there.
  [[nodiscard]] std::size_t size(std::size_t worker) const;
  // How many threads there are, or were, that have a segment.
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_seq_cst); }

 private:
  static constexpr unsigned kBits = 12;  // for each level, in occupied_: more than there are segments
  static_assert(kLevels * kBits <= 64 && kSegments < 1U << (kBits - 1));

  [[nodiscard]] Segment& make(std::size_t number);
  [[nodiscard]] Stream* stream(std::size_t number, std::size_t level) const;
  [[nodiscard]] Stream* oldest_stream(std::size_t level, std::optional<Time>& since) const;
  [[nodiscard]] Batch claim(Stream& from, std::size_t level, std::size_t most, std::size_t shares, Duration spread,
                            Time now = Time::max());

  Chunks& chunks_;
  const std::size_t workers_;
  const std::size_t shared_;                                  // the number of that segment
  const std::unique_ptr<sync::atomic<Segment*>[]> segments_;  // [segment]
  sync::atomic<std::size_t> used_{0};                         // all above are null
  sync::atomic<bool> closed_{false};
  sync::mutex sharing_;
  alignas(64) sync::atomic<std::uint64_t> occupied_{0};  // for each level, how many streams are listed
};

// #region own
[[gnu::always_inline]] inline Injector::Segment* Injector::own() {
  const std::size_t number = sync::thread_number();
  if (number >= shared_) return nullptr;
  Segment* const segment = segments_[number].load(std::memory_order_relaxed);  // which nobody else writes
  if (segment == nullptr) return &make(number);
  return segment->filling ? nullptr : segment;
}
// #endregion own

inline unsigned Injector::occupied() const {
  unsigned mask = 0;
  const std::uint64_t counts = occupied_.load(std::memory_order_seq_cst);
  for (unsigned level = 0; level < kLevels; ++level) {  // without a branch: it is done for each job
    mask |= static_cast<unsigned>((counts >> level * kBits & ((1U << kBits) - 1)) != 0) << level;
  }
  return mask;
}

}  // namespace pool::stealing

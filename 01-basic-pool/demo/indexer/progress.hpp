// Progress: one line on the screen that says how far a long run has come, drawn over itself.
//
// Nothing is drawn unless the terminal is interactive, nor in the first moments: a run that is over by then needs no
// line. The line is erased at the end. It uses no escape code, only a carriage return, so any terminal will do.
// Thread safety: completed() may be called from any thread, the rest from the one that made the object.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>

#include <indexer/terminal.hpp>

namespace indexer {

struct Pace {
  std::chrono::milliseconds delay{200};    // before the line is first drawn
  std::chrono::milliseconds interval{50};  // between two drawings
};

class Progress {
 public:
  Progress(std::ostream& out, const Terminal& terminal, std::string label, std::size_t files, Pace pace = {});
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  // One more file is done.
  void completed(std::uint64_t bytes) {
    files_done_.fetch_add(1, std::memory_order_relaxed);  // relaxed: for show() alone, and a little late is fine
    bytes_done_.fetch_add(bytes, std::memory_order_relaxed);
  }

  // Draws the line, if it is time to.
  void show();

  // How long a caller that waits for something else may wait between two calls of show().
  [[nodiscard]] std::chrono::milliseconds interval() const { return pace_.interval; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::string line(double seconds) const;
  void erase();

  std::ostream& out_;
  const Terminal terminal_;
  const std::string label_;
  const std::size_t files_;
  const Pace pace_;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point next_ = started_ + pace_.delay;
  std::size_t drawn_ = 0;  // columns that the line on the screen takes
  std::atomic<std::size_t> files_done_{0};
  std::atomic<std::uint64_t> bytes_done_{0};
};

}  // namespace indexer

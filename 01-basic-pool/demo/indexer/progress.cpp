#include <indexer/progress.hpp>

#include <algorithm>
#include <ostream>
#include <utility>

namespace indexer {

Progress::Progress(std::ostream& out, const Terminal& terminal, std::string label, std::size_t files, Pace pace)
    : out_(out), terminal_(terminal), label_(std::move(label)), files_(files), pace_(pace) {}

Progress::~Progress() {
  erase();
}

void Progress::show() {
  if (!terminal_.interactive) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + pace_.interval;
  const std::string text = line(std::chrono::duration<double>(now - started_).count());
  erase();
  out_ << text << std::flush;
  drawn_ = columns(text);
}

std::string Progress::line(double seconds) const {
  const std::size_t width = terminal_.width > 1 ? terminal_.width - 1 : 1;  // the last column would wrap
  const std::size_t done = files_done_.load(std::memory_order_relaxed);
  const std::string count = grouped(done) + " of " + counted(files_, "file");
  const std::string rest = "  " + byte_size(bytes_done_.load(std::memory_order_relaxed)) + "  " + duration(seconds);
  const std::size_t bar_width = 24;

  std::string text = label_ + "  ";
  if (columns(text) + bar_width + 2 + count.size() + rest.size() <= width) {
    const std::string drawn = bar(terminal_, static_cast<double>(done), static_cast<double>(files_), bar_width);
    text += drawn + std::string(bar_width - columns(drawn) + 2, ' ');
  }
  text += count;
  if (columns(text) + rest.size() <= width) text += rest;
  return shorten(text, width, terminal_.encoding);
}

void Progress::erase() {
  if (drawn_ > 0) out_ << '\r' << std::string(drawn_, ' ') << '\r' << std::flush;
  drawn_ = 0;
}

}  // namespace indexer

#include "live_chart.hpp"

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <string_view>

#include "load_chart.hpp"

using namespace indexer;

namespace {

constexpr std::size_t kNarrowest = 40;  // a narrower screen would break the lines, and count others than these

bool is_dumb() {
  const char* kind = std::getenv("TERM");
  return kind == nullptr || std::string_view(kind) == "dumb";
}

Scale scale_of(const LoadPlan& plan, const PolicyRun& run) {
  Scale scale{std::max(plan.seconds, run.seconds), std::max<std::size_t>(plan.burst, 1), plan.max};
  for (const Moment& moment : run.moments) scale.queued = std::max(scale.queued, moment.load.queued);
  return scale;
}

}  // namespace

LiveChart::LiveChart(std::ostream& out, const Terminal& terminal, bool wanted)
    : out_(out),
      terminal_(terminal),
      wanted_(wanted),
      moves_(terminal.interactive && terminal.width >= kNarrowest && !is_dumb()) {}

void LiveChart::show(const LoadPlan& plan, const PolicyRun& so_far) {
  if (wanted_ && moves_) draw(chart_lines(terminal_, so_far, scale_of(plan, so_far)));
}

void LiveChart::done(const LoadPlan& plan, const PolicyRun& run) {
  if (!wanted_) return;
  draw(chart_lines(terminal_, run, scale_of(plan, run)));
  drawn_ = 0;
}

void LiveChart::draw(const std::vector<std::string>& lines) {
  std::string text;
  if (drawn_ > 0) text = "\x1b[" + std::to_string(drawn_) + "A";  // up to its first line
  for (const std::string& line : lines)
    text += line + (moves_ ? "\x1b[K\n" : "\n");  // and nothing left of the one before
  out_ << text << std::flush;
  drawn_ = lines.size();
}

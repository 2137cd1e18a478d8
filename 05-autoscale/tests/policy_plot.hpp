// What a policy does to a simulated pool, as a picture for the chapter: workers and queue over the intervals.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <pool/testing/simulated_pool.hpp>

namespace pool::testing {

// One interval: how many workers there were in it, and what was queued at its end.
struct Interval {
  std::size_t workers = 0, queued = 0, completed = 0;
};

// A pool that is watched: its name, what to look for, and so many workers that more bring nothing (0: there is no such).
struct Watched {
  std::string name, remark;
  std::size_t enough = 0;
  std::vector<Interval> intervals = {};

  void run(SimulatedPool& pool, int count) {
    for (int i = 0; i < count; ++i) {
      pool.run(1);
      intervals.push_back({pool.last().workers, pool.last().queued, pool.last().completed});
    }
  }
};

// For light and dark pages, without scripts or links.
class PolicyPlot {
 public:
  PolicyPlot(std::string title, const std::vector<Watched>& all) : title_(std::move(title)) {
    for (const Watched& one : all) {
      for (const Interval& each : one.intervals) {
        most_queued_ = std::max(most_queued_, each.queued);
        most_workers_ = std::max({most_workers_, each.workers, one.enough});
      }
    }
    for (const Watched& one : all) panel(one);
    legend();
  }

  [[nodiscard]] std::string svg() const {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 " + number(y_ + 8) +
           "\" role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">" + title_ +
           "</title>\n<desc id=\"description\">" + description_ + "</desc>\n" + kStyle + drawn_ + "</svg>\n";
  }

 private:
  static constexpr double kLeft = 44, kRight = 748, kHeight = 92;
  static constexpr const char* kStyle =
      "<style>text{fill:#1f2328;font-family:sans-serif;font-size:13px}.head{font-weight:bold}.quiet{fill:#656d76;"
      "font-size:12px}.axis{stroke:#656d76}.crew{fill:#3b82c4;fill-opacity:.35;stroke:#3b82c4;stroke-width:1.5}.queue{"
      "fill:none;stroke:#b7791f;stroke-width:2}.enough{stroke:#1a7f37;stroke-width:1.5;stroke-dasharray:5 3}"
      "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.axis{stroke:#9198a1}.crew{fill:#4a90d9;"
      "stroke:#4a90d9}.queue{stroke:#e8a33d}.enough{stroke:#3fb950}}</style>\n";

  static std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
  }
  void text(double x, double y, const char* style, const char* anchor, const std::string& content) {
    drawn_ += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + style + "\" text-anchor=\"" + anchor +
              "\">" + content + "</text>\n";
  }
  void line(const char* style, double x1, double y1, double x2, double y2) {
    drawn_ += std::string("<line class=\"") + style + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
              number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
  }

  void panel(const Watched& one) {
    text(8, y_ + 14, "head", "start", one.name);
    text(kRight, y_ + 14, "quiet", "end", one.remark);
    const double bottom = y_ + 26 + kHeight;
    const double step = (kRight - kLeft) / static_cast<double>(one.intervals.size());
    const auto x = [&](std::size_t i) { return kLeft + step * static_cast<double>(i); };
    const auto y = [&](std::size_t value, std::size_t most) {
      return bottom - kHeight * static_cast<double>(value) / static_cast<double>(std::max<std::size_t>(most, 1));
    };
    std::string crew = "M" + number(kLeft) + " " + number(bottom), queue;
    for (std::size_t i = 0; i < one.intervals.size(); ++i) {
      crew += "V" + number(y(one.intervals[i].workers, most_workers_)) + "H" + number(x(i + 1));
      queue += (i == 0 ? "M" : "L") + number(x(i) + step / 2) + " " + number(y(one.intervals[i].queued, most_queued_));
    }
    drawn_ += "<path class=\"crew\" d=\"" + crew + "V" + number(bottom) + "Z\"/>\n";
    if (most_queued_ > 0) drawn_ += "<path class=\"queue\" d=\"" + queue + "\"/>\n";
    if (one.enough > 0) line("enough", kLeft, y(one.enough, most_workers_), kRight, y(one.enough, most_workers_));
    line("axis", kLeft, bottom, kRight, bottom);
    text(kLeft - 6, bottom, "quiet", "end", "0");
    text(kLeft - 6, bottom - kHeight + 8, "quiet", "end", std::to_string(most_workers_));
    for (std::size_t i = 0; i <= one.intervals.size(); i += one.intervals.size() > 30 ? 10 : 5) {
      line("axis", x(i), bottom, x(i), bottom + 4);
      text(x(i), bottom + 17, "quiet",
           i == 0               ? "start"
           : x(i) > kRight - 12 ? "end"
                                : "middle",
           std::to_string(10 * i) + " s");
    }
    description_ += one.name + ": " + one.remark + ". ";
    y_ = bottom + 34;
  }

  void legend() {
    drawn_ += "<rect class=\"crew\" x=\"44.0\" y=\"" + number(y_ - 1) + "\" width=\"14.0\" height=\"10.0\"/>\n";
    text(64, y_ + 9, "quiet", "start", "workers");
    if (most_queued_ > 0) {
      line("queue", 150, y_ + 4, 164, y_ + 4);
      text(170, y_ + 9, "quiet", "start", "jobs that wait, up to " + std::to_string(most_queued_));
    }
    line("enough", 380, y_ + 4, 394, y_ + 4);
    text(400, y_ + 9, "quiet", "start", "more workers than that bring nothing");
    y_ += 14;
  }

  const std::string title_;
  std::string drawn_, description_;
  std::size_t most_queued_ = 0, most_workers_ = 0;
  double y_ = 4;
};

}  // namespace pool::testing

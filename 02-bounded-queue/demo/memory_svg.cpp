#include "memory_svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <vector>

#include <indexer/printable.hpp>
#include "memory_chart.hpp"

namespace {

using indexer::byte_size;
using indexer::counted;

constexpr double kLeft = 78, kRight = 740, kTop = 58, kBottom = 300;  // of the plot, in units of the picture
constexpr std::size_t kPoints = 220;                                  // of a curve, at most

constexpr const char* kStyle =
    "<style>text{fill:#1f2328;font-family:sans-serif;font-size:13px}.head{font-weight:bold}"
    ".quiet{fill:#656d76;font-size:12px}.grid{stroke:#656d76;stroke-opacity:.25}.axis{stroke:#656d76}"
    ".free{fill:#fde2e1;stroke:#c53030;stroke-width:1.5}.bound{fill:#dbeafe;stroke:#3b82c4;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.grid,.axis{stroke:#9198a1}"
    ".free{fill:#4c1d1d;stroke:#f56565}.bound{fill:#12324f;stroke:#4a90d9}}</style>\n";

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// 1, 2 or 5 times a power of ten, so that some five of them make up the whole.
double nice_step(double whole) {
  const double power = std::pow(10, std::floor(std::log10(whole / 5)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (whole / (factor * power) <= 6) return factor * power;
  return 10 * power;
}

std::string text(double x, double y, const char* style, const char* anchor, const std::string& content) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + style + "\" text-anchor=\"" + anchor +
         "\">" + content + "</text>\n";
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + style + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
         number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
}

class Plot {
 public:
  explicit Plot(const Scale& scale)
      : seconds_(scale.seconds > 0 ? scale.seconds : 1),
        bytes_(1.04 * static_cast<double>(std::max<std::uint64_t>(scale.bytes, 1))) {}

  [[nodiscard]] std::string grid() const {
    std::string drawn;
    const double megabytes = bytes_ / 1e6, step = nice_step(megabytes), seconds = nice_step(seconds_);
    for (int i = 0; i * step <= megabytes; ++i) {
      const double height = y(i * step * 1e6);
      drawn += line(i == 0 ? "axis" : "grid", kLeft, height, kRight, height);
      drawn += text(kLeft - 8, height + 4, "quiet", "end", label(i * step, step) + " MB");
    }
    for (int i = 0; i * seconds <= seconds_; ++i)
      drawn += text(x(i * seconds), kBottom + 18, "quiet", "middle", label(i * seconds, seconds) + " s");
    return drawn;
  }

  [[nodiscard]] std::string curve(const char* style, const Measurement& run) const {
    const std::vector<std::uint64_t> most = most_in_parts(run.samples, run.seconds, kPoints);
    std::string path = "M" + number(kLeft) + " " + number(kBottom);
    for (std::size_t i = 0; i < most.size(); ++i) {
      const double middle = run.seconds * (static_cast<double>(i) + 0.5) / static_cast<double>(kPoints);
      path += "L" + number(x(middle)) + " " + number(y(static_cast<double>(most[i])));
    }
    return std::string("<path class=\"") + style + "\" d=\"" + path + "L" + number(x(run.seconds)) + " " +
           number(kBottom) + "Z\"/>\n";
  }

 private:
  [[nodiscard]] double x(double seconds) const { return kLeft + (kRight - kLeft) * seconds / seconds_; }
  [[nodiscard]] double y(double bytes) const { return kBottom - (kBottom - kTop) * bytes / bytes_; }
  // With as many digits after the point as the step has.
  static std::string label(double value, double step) {
    char shown[32];
    std::snprintf(shown, sizeof shown, "%.*f", std::max(0, static_cast<int>(-std::floor(std::log10(step)))), value);
    return shown;
  }

  double seconds_, bytes_;
};

std::string legend(double row, const char* style, const std::string& name, std::uint64_t peak) {
  return "<rect class=\"" + std::string(style) + "\" x=\"440\" y=\"" + number(row - 11) +
         "\" width=\"14\" height=\"12\" rx=\"2\"/>\n" + text(462, row, "", "start", name) +
         text(kRight, row, "quiet", "end", "peak of the process: " + byte_size(peak));
}

}  // namespace

std::string memory_svg(const Experiment& experiment) {
  const Measurement &free = experiment.unlimited, &bound = experiment.blocking();
  const Scale scale = scale_of({&free, &bound});
  const Plot plot(scale);
  const std::string bounded = "capacity " + indexer::grouped(experiment.capacity);
  std::ostringstream svg;
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 344\" role=\"img\" "
         "aria-labelledby=\"title description\">\n"
      << "<title id=\"title\">Memory of the texts that were read and are not yet counted, over time, with and without "
         "a limit on the queue</title>\n"
      << "<desc id=\"description\">Without a limit, up to " << byte_size(scale_of({&free}).bytes)
      << " of text lie in memory, and the process has " << byte_size(free.peak_memory) << " at its peak. With "
      << bounded << ", up to " << byte_size(scale_of({&bound}).bytes) << ", and " << byte_size(bound.peak_memory)
      << ". The first run takes " << indexer::duration(free.seconds) << ", the second "
      << indexer::duration(bound.seconds) << ".</desc>\n"
      << kStyle << text(8, 20, "head", "start", "Text in memory: read, and not yet counted")
      << text(8, 39, "quiet", "start",
              counted(experiment.files, "file") + ", " + byte_size(experiment.bytes) + "; one reads, " +
                  counted(experiment.workers, "worker") + (experiment.workers == 1 ? " counts" : " count"))
      << plot.grid() << plot.curve("free", free) << plot.curve("bound", bound)
      << legend(20, "free", "no limit", free.peak_memory) << legend(39, "bound", bounded, bound.peak_memory)
      << text((kLeft + kRight) / 2, kBottom + 38, "quiet", "middle", "time since the start") << "</svg>\n";
  return svg.str();
}

#include "svg.hpp"

#include <cstdio>

namespace svg {
namespace {

constexpr const char* kStyle =
    "<style>text{fill:#1f2328;font-family:sans-serif;font-size:13px}.head{font-weight:bold}"
    ".quiet{fill:#656d76;font-size:12px}.grid{stroke:#656d76;stroke-opacity:.25}.axis{stroke:#656d76}"
    ".before{fill:#e5675f}.after{fill:#3b82c4}.flood{fill:#fde2e1}.wait{stroke:#3b82c4;stroke-opacity:.6}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.grid,.axis{stroke:#9198a1}"
    ".before{fill:#f56565}.after{fill:#4a90d9}.flood{fill:#4c1d1d}.wait{stroke:#4a90d9}}</style>\n";

std::string style_attribute(const char* style) {
  return std::string(" class=\"") + style + "\"";
}

}  // namespace

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string text(double x, double y, const char* style, const char* anchor, const std::string& content) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"" + style_attribute(style) + " text-anchor=\"" + anchor +
         "\">" + content + "</text>\n";
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return "<line" + style_attribute(style) + " x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
         "\" y2=\"" + number(y2) + "\"/>\n";
}

std::string rectangle(const char* style, double x, double y, double width, double height) {
  return "<rect" + style_attribute(style) + " x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" +
         number(width) + "\" height=\"" + number(height) + "\"/>\n";
}

std::string circle(const char* style, double x, double y, double radius) {
  return "<circle" + style_attribute(style) + " cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"" +
         number(radius) + "\"/>\n";
}

std::string picture(double width, double height, const std::string& title, const std::string& description,
                    const std::string& drawn) {
  char size[64];
  std::snprintf(size, sizeof size, "%.0f %.0f", width, height);
  return std::string("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ") + size +
         "\" role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">" + title +
         "</title>\n<desc id=\"description\">" + description + "</desc>\n" + kStyle + drawn + "</svg>\n";
}

}  // namespace svg

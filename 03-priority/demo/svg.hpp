// The parts of which this demo's pictures are made: SVG for light and dark pages, without scripts or links.
#pragma once

#include <string>

namespace svg {

// A number with one digit after the point, as coordinates have it.
std::string number(double value);

// anchor is start, middle or end.
std::string text(double x, double y, const char* style, const char* anchor, const std::string& content);
std::string line(const char* style, double x1, double y1, double x2, double y2);
std::string rectangle(const char* style, double x, double y, double width, double height);
std::string circle(const char* style, double x, double y, double radius);

// The whole: a title and a description for those who do not see it, and what is drawn.
std::string picture(double width, double height, const std::string& title, const std::string& description,
                    const std::string& drawn);

}  // namespace svg

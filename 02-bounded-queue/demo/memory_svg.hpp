// The chart of the memory experiment as an SVG picture, for light and dark pages.
#pragma once

#include <string>

#include "experiment.hpp"

// Without scripts and outside references, with a title and a description for those who do not see it.
std::string memory_svg(const Experiment& experiment);

// The charts of all policies as one picture: SVG.
#pragma once

#include <string>

#include "experiment.hpp"

std::string load_svg(const Experiment& experiment);

// The questions that are asked when nobody is there to type any.
#pragma once

#include <string>
#include <vector>

#include "session.hpp"

// Asks about each name in turn: about the first of five when a fifth of the files is done, and so on. So the last
// answer knows all files, unless jobs were cancelled.
void ask_script(const std::vector<std::string>& names, const Asking& asking);

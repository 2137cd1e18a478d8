// Running this program once more, in a process of its own.
#pragma once

#include <string>
#include <vector>

#include "interruption.hpp"

// Runs it with these arguments and returns what it wrote to standard output; its standard error is ours. If we are
// interrupted meanwhile, the process is ended, and Interrupted thrown.
// Errors: std::system_error if it cannot be started, std::runtime_error if it ends with a status other than 0.
std::string output_of_own_process(std::vector<std::string> arguments, const Interruption& interruption);

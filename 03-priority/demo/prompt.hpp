// The questions that somebody types.
#pragma once

#include <chrono>
#include <iosfwd>

#include <indexer/terminal.hpp>
#include "session.hpp"

// Reads names from standard input, a line each, and asks about them, until the end of the input or an empty line. When
// all is indexed, and nothing has been typed for so long, it ends, too: a demo that nobody watches must not wait.
void ask_typed(std::ostream& out, const Asking& asking, std::chrono::seconds patience);

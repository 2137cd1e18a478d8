// The parser for files that nobody vouches for, as a named job: it runs in a worker process, which it may bring down.
//
// It has a mistake, as those of larger formats have: it follows a null pointer where a file begins with "%crash". And
// it never ends where one begins with "%hang".
// Thread safety: pure functions, but for reading the file; an Index belongs to one thread.
#pragma once

#include <string>

#include <indexer/index.hpp>
#include <pool/process/wire.hpp>

using pool::process::json;

inline constexpr const char* kParse = "parse";  // the job's name

[[nodiscard]] json parse(const json& argument);
[[nodiscard]] json parse_argument(const std::string& path);

// Adds what parse() gave. Throws if it is nothing that parse() gives, and then has added nothing.
indexer::FileReport add_parsed(indexer::Index& index, const std::string& path, const json& parsed);

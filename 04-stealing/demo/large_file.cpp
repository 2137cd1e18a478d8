#include "large_file.hpp"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <indexer/command_line.hpp>
#include <indexer/printable.hpp>
#include <indexer/text.hpp>

namespace fs = std::filesystem;

namespace {

std::runtime_error cannot(const std::string& what, const std::string& path) {
  return std::runtime_error("cannot " + what + " '" + path + "': " + std::generic_category().message(errno));
}

}  // namespace

LargeFile::LargeFile(const std::string& users) : path_(users) {
  using indexer::Outcome;
  const std::string shown = "'" + indexer::printable(users, indexer::Encoding::ascii) + "'";
  const indexer::FileText beginning = indexer::read_text(users, indexer::kProbeSize);
  if (beginning.outcome == Outcome::vanished) throw indexer::UsageError("there is no file " + shown);
  if (beginning.outcome == Outcome::unreadable)
    throw indexer::UsageError("the file " + shown +
                              " cannot be read: " + std::generic_category().message(beginning.error));
  if (beginning.outcome != Outcome::text) throw indexer::UsageError("--large wants a text file, not " + shown);
  bytes_ = beginning.opened.size;
}

LargeFile::LargeFile(const std::vector<std::string>& files, const pool::priority::CancelToken& token) {
  folder_.make();
  path_ = folder_.path + "/large.txt";
  std::ofstream out(path_, std::ios::binary);
  for (const std::string& file : files) {
    token.throw_if_cancelled();
    if (bytes_ >= kMost) break;
    indexer::FileText text = indexer::read_text(file, kMost - bytes_);
    if (text.outcome != indexer::Outcome::text || text.text.empty()) continue;
    if (text.text.back() != '\n') text.text += '\n';  // the next file's first word is one of its own
    bytes_ += text.text.size();
    if (!(out << text.text)) break;
  }
  if (!out.flush()) throw cannot("write", path_);
}

void LargeFile::TemporaryFolder::make() {
  std::string name = (fs::temp_directory_path() / "stealing-demo-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw cannot("make a folder", name);
  path = name;
}

LargeFile::TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path.empty()) fs::remove_all(path, ignored);
}

// TextFolder: a temporary folder of generated text files, the same ones on every machine. Removed at the end of the
// object's life, and if making it fails or is interrupted. Shows its progress on the screen.
//
// Errors: std::runtime_error says what could not be written; Interrupted is thrown by the check.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include <indexer/terminal.hpp>
#include "interruption.hpp"

class TextFolder {
 public:
  static constexpr std::size_t kFileSize = 64'000;  // bytes of each

  TextFolder(std::size_t files, const Interruption& interruption, std::ostream& errors,
             const indexer::Terminal& screen);

  [[nodiscard]] const std::string& path() const { return folder_.path; }

 private:
  struct TemporaryFolder {
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    std::string path;
  };

  TemporaryFolder folder_;
};

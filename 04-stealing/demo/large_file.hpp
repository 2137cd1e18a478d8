// LargeFile: one file as large as all others together, which skews the tree. It is made of all texts of the folder, one
// after the other, in a temporary folder, which is removed at the end of the object's life. Or it is one of the user's.
//
// Errors: indexer::UsageError if the user's file is no text; std::runtime_error says what could not be written;
// Cancelled is thrown when the token is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <pool/priority/cancellation.hpp>

class LargeFile {
 public:
  static constexpr std::size_t kMost = 64'000'000;  // bytes of one that is made

  explicit LargeFile(const std::string& users);
  LargeFile(const std::vector<std::string>& files, const pool::priority::CancelToken& token);
  LargeFile(const LargeFile&) = delete;
  LargeFile& operator=(const LargeFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool made() const { return !folder_.empty(); }

 private:
  struct TemporaryFolder {
    TemporaryFolder() = default;
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    void make();
    [[nodiscard]] bool empty() const { return path.empty(); }
    std::string path;
  };

  TemporaryFolder folder_;
  std::string path_;
  std::uint64_t bytes_ = 0;
};

// The files of a walk, by the folder directly below the one that was walked.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

struct FolderGroup {
  std::string name;                // "." for what lies in the folder itself
  std::vector<std::size_t> files;  // numbers of files in the walk's order
};

// In the order of their first files. The numbers of all groups together are those of all files, each once.
[[nodiscard]] std::vector<FolderGroup> folder_groups(const std::string& folder, const std::vector<std::string>& files);

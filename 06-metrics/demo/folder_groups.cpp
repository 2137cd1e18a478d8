#include "folder_groups.hpp"

#include <map>
#include <string_view>

#include <indexer/walk.hpp>

std::vector<FolderGroup> folder_groups(const std::string& folder, const std::vector<std::string>& files) {
  std::vector<FolderGroup> groups;
  std::map<std::string, std::size_t, std::less<>> known;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string_view below = indexer::path_below(folder, files[i]);
    const std::size_t slash = below.find('/');
    const std::string_view name = slash == std::string_view::npos ? "." : below.substr(0, slash);
    auto at = known.find(name);
    if (at == known.end()) {
      at = known.emplace(name, groups.size()).first;
      groups.push_back({std::string(name), {}});
    }
    groups[at->second].files.push_back(i);
  }
  return groups;
}

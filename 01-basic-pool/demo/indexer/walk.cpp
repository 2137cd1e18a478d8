#include <indexer/walk.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <indexer/printable.hpp>
#include <indexer/text.hpp>

namespace indexer {
namespace {

constexpr std::string_view kCacheTag = "CACHEDIR.TAG";
constexpr std::string_view kCacheSignature = "Signature: 8a477f597d28d172789f06886806bc55";

using OpenFolder = std::unique_ptr<DIR, decltype([](DIR* folder) { ::closedir(folder); })>;

// Null, with the reason in errno, if it cannot be opened.
OpenFolder open_folder(const std::string& path, Origin origin) {
  const int no_links = origin == Origin::found ? O_NOFOLLOW : 0;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | no_links);
  if (descriptor < 0) return nullptr;
  OpenFolder folder(::fdopendir(descriptor));
  if (!folder) {
    const int error = errno;
    ::close(descriptor);
    errno = error;
  }
  return folder;
}

bool is_version_control(std::string_view name) {
  return name == ".git" || name == ".hg" || name == ".svn";
}

bool is_gone(int error) {
  return error == ENOENT || error == ENOTDIR;
}

std::string join(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

enum class Kind { file, folder, link, special, vanished, unknown };

Kind kind_of(const OpenFolder& folder, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return Kind::file;
    case DT_DIR:
      return Kind::folder;
    case DT_LNK:
      return Kind::link;
    case DT_UNKNOWN:
      break;  // some file systems do not say
    default:
      return Kind::special;
  }
  struct stat status {};
  if (::fstatat(::dirfd(folder.get()), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return is_gone(errno) ? Kind::vanished : Kind::unknown;
  if (S_ISREG(status.st_mode)) return Kind::file;
  if (S_ISDIR(status.st_mode)) return Kind::folder;
  if (S_ISLNK(status.st_mode)) return Kind::link;
  return Kind::special;
}

}  // namespace

bool is_cache_tag(std::string_view beginning) {
  return beginning.starts_with(kCacheSignature);
}

Folder list_folder(const std::string& path, Origin origin) {
  Folder result;
  const OpenFolder folder = open_folder(path, origin);
  if (!folder) {
    if (origin == Origin::found && is_gone(errno)) {
      ++result.skipped.vanished;
    } else if (origin == Origin::found && errno == ELOOP) {
      ++result.skipped.links;  // it was a folder a moment ago
    } else {
      result.unreadable.push_back({path, errno});
    }
    return result;
  }

  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) {
      if (errno != 0) result.unreadable.push_back({path, errno});
      break;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    switch (kind_of(folder, *entry)) {
      case Kind::file:
        result.files.push_back(join(path, name));
        break;
      case Kind::folder:
        if (is_version_control(name)) {
          ++result.skipped.version_control;
        } else {
          result.folders.push_back(join(path, name));
        }
        break;
      case Kind::link:
        ++result.skipped.links;
        break;
      case Kind::special:
        ++result.skipped.special;
        break;
      case Kind::vanished:
        ++result.skipped.vanished;
        break;
      case Kind::unknown:
        result.unreadable.push_back({join(path, name), errno});
        break;
    }
  }
  std::sort(result.files.begin(), result.files.end());
  std::sort(result.folders.begin(), result.folders.end());

  const std::string tag = join(path, kCacheTag);
  if (origin == Origin::found && std::binary_search(result.files.begin(), result.files.end(), tag) &&
      is_cache_tag(read_text(tag, kCacheSignature.size()).text)) {
    result = {};
    ++result.skipped.caches;
  }
  return result;
}

Listing walk(const std::string& path) {
  Listing listing;
  std::vector<std::string> waiting{path};
  while (!waiting.empty()) {
    const Origin origin = listing.folders == 0 ? Origin::given : Origin::found;
    Folder folder = list_folder(std::exchange(waiting.back(), {}), origin);
    waiting.pop_back();
    ++listing.folders;
    listing.skipped += folder.skipped;
    std::move(folder.files.begin(), folder.files.end(), std::back_inserter(listing.files));
    std::move(folder.unreadable.begin(), folder.unreadable.end(), std::back_inserter(listing.unreadable));
    std::move(folder.folders.rbegin(), folder.folders.rend(), std::back_inserter(waiting));
  }
  return listing;
}

std::string folder_fault(const std::string& path) {
  if (open_folder(path, Origin::given)) return {};
  const int error = errno;
  const std::string shown = "'" + printable(path, Encoding::ascii) + "'";
  if (error == ENOENT) return "there is no folder " + shown;
  if (error == ENOTDIR) return shown + " is not a folder; give the folder that holds it";
  return "the folder " + shown + " cannot be read: " + std::generic_category().message(error);
}

std::string_view path_below(std::string_view folder, std::string_view path) {
  if (!path.starts_with(folder)) return path;
  path.remove_prefix(folder.size());
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

}  // namespace indexer

#include <indexer/text.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <stdexcept>

namespace indexer {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

int open_for_reading(const std::string& path) {
  while (true) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (descriptor >= 0 || errno != EINTR) return descriptor;
  }
}

Stamp stamp_of(const struct stat& status) {
#ifdef __APPLE__
  const timespec modified = status.st_mtimespec, changed = status.st_ctimespec;
#else
  const timespec modified = status.st_mtim, changed = status.st_ctim;
#endif
  return {static_cast<std::uint64_t>(status.st_dev),
          static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size),
          modified.tv_sec,
          modified.tv_nsec,
          changed.tv_sec,
          changed.tv_nsec};
}

// Reads on until the text has `limit` bytes, or the file ends: then `ended` is true. Returns 0 or an errno value.
// `expected` bytes are made room for at once, plus one, so that the end is seen without growing.
int read_more(int descriptor, std::string& text, std::size_t expected, std::size_t limit, bool& ended) {
  std::size_t used = text.size();
  int error = 0;
  ended = false;
  while (error == 0 && !ended && used < limit) {
    if (used == text.size()) text.resize(std::min(limit, std::max({expected + 1, used + kProbeSize, used + used / 2})));
    const ssize_t got = ::read(descriptor, text.data() + used, text.size() - used);
    if (got > 0) {
      used += static_cast<std::size_t>(got);
    } else if (got == 0) {
      ended = true;
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  text.resize(used);
  return error;
}

FileText failure(Outcome outcome, int error = 0) {
  FileText result;
  result.outcome = outcome;
  result.error = error;
  return result;
}

}  // namespace

bool is_text(std::string_view beginning) {
  return beginning.substr(0, kProbeSize).find('\0') == std::string_view::npos;
}

FileText read_text(const std::string& path, std::size_t limit) try {
  const Descriptor file(open_for_reading(path));
  if (file.get() < 0) {
    switch (errno) {
      case ENOENT:
      case ENOTDIR:
        return failure(Outcome::vanished);
      case ELOOP:
        return failure(Outcome::link);
      case ENXIO:
        return failure(Outcome::special);  // a socket
      default:
        return failure(Outcome::unreadable, errno);
    }
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure(Outcome::unreadable, errno);
  if (!S_ISREG(status.st_mode)) return failure(Outcome::special);

  FileText result;
  result.outcome = Outcome::text;
  result.opened = result.closed = stamp_of(status);
  bool ended = false;
  int error = read_more(file.get(), result.text, 0, std::min(limit, kProbeSize), ended);
  if (error == 0 && !is_text(result.text)) {
    result.text = {};
    result.outcome = Outcome::binary;
    return result;
  }
  if (error == 0 && !ended) error = read_more(file.get(), result.text, result.opened.size, limit, ended);
  if (error == 0 && ::fstat(file.get(), &status) != 0) error = errno;
  if (error != 0) return failure(Outcome::unreadable, error);
  result.closed = stamp_of(status);
  return result;
} catch (const std::bad_alloc&) {
  return failure(Outcome::unreadable, ENOMEM);
} catch (const std::length_error&) {  // longer than any string
  return failure(Outcome::unreadable, ENOMEM);
}

}  // namespace indexer

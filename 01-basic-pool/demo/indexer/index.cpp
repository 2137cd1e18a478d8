#include <indexer/index.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace indexer {

FileReport Index::add(const std::string& path) {
  return add(path, read_text(path));
}

FileReport Index::add(const std::string& path, const FileText& file) {
  FileReport report{file.outcome, {}, file.opened, file.closed};
  switch (file.outcome) {
    case Outcome::text: {
      const Counts counts = count(file.text);
      add(counts);
      ++files_;
      report.totals = counts.totals;
      break;
    }
    case Outcome::binary:
      ++skipped_.binary;
      break;
    case Outcome::vanished:
      ++skipped_.vanished;
      break;
    case Outcome::link:
      ++skipped_.links;
      break;
    case Outcome::special:
      ++skipped_.special;
      break;
    case Outcome::unreadable:
      unreadable_.push_back({path, file.error});
      break;
  }
  return report;
}

void Index::add(const Counts& piece) {
  for (const auto& [identifier, uses] : piece.uses) {
    if (const auto known = uses_.find(identifier); known != uses_.end()) {
      known->second += uses;
    } else {
      uses_.emplace(identifier, uses);
    }
  }
  totals_ += piece.totals;
}

void Index::add(const Skipped& skipped, const std::vector<Unreadable>& unreadable) {
  skipped_ += skipped;
  unreadable_.insert(unreadable_.end(), unreadable.begin(), unreadable.end());
}

void Index::merge(Index&& other) {
  if (uses_.size() < other.uses_.size()) uses_.swap(other.uses_);  // the smaller one goes into the larger one
  uses_.merge(other.uses_);                                        // moves what is new; what is left is in both
  for (const auto& [identifier, uses] : other.uses_) uses_.find(identifier)->second += uses;
  files_ += other.files_;
  totals_ += other.totals_;
  skipped_ += other.skipped_;
  std::move(other.unreadable_.begin(), other.unreadable_.end(), std::back_inserter(unreadable_));
}

std::vector<Unreadable> Index::unreadable() const {
  std::vector<Unreadable> sorted = unreadable_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::uint64_t Index::uses(std::string_view identifier) const {
  const auto known = uses_.find(identifier);
  return known == uses_.end() ? 0 : known->second;
}

std::vector<IdentifierUse> Index::top(std::size_t n) const {
  std::vector<IdentifierUse> all;
  all.reserve(uses_.size());
  for (const auto& [identifier, uses] : uses_) all.push_back({identifier, uses});
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(n, all.size()));
  std::partial_sort(all.begin(), end, all.end(), [](const IdentifierUse& a, const IdentifierUse& b) {
    return a.uses != b.uses ? a.uses > b.uses : a.identifier < b.identifier;
  });
  all.erase(end, all.end());
  return all;
}

bool operator==(const Index& a, const Index& b) {
  return a.files_ == b.files_ && a.totals_ == b.totals_ && a.skipped_ == b.skipped_ &&
         a.unreadable() == b.unreadable() && a.uses_ == b.uses_;
}

}  // namespace indexer

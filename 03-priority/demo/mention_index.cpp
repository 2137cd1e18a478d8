#include "mention_index.hpp"

#include <algorithm>

// #region add
void MentionIndex::add(std::size_t shard, std::uint32_t file, const indexer::Counts& counts) {
  Shard& mine = shards_.at(shard);
  std::lock_guard lock(mine.mutex);
  for (const auto& [name, uses] : counts.uses) {
    const auto known = mine.mentions.find(name);
    auto& mentions = known != mine.mentions.end() ? known->second : mine.mentions[std::string(name)];
    mentions.push_back({file, uses});
  }
  mine.totals += counts.totals;
  ++mine.files;
}
// #endregion add

// #region who_mentions
Answer MentionIndex::who_mentions(std::string_view name) const {
  Answer answer;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    answer.known += shard.files;
    if (const auto known = shard.mentions.find(name); known != shard.mentions.end())
      answer.mentions.insert(answer.mentions.end(), known->second.begin(), known->second.end());
  }
  for (const Mention& mention : answer.mentions) answer.uses += mention.uses;
  std::sort(answer.mentions.begin(), answer.mentions.end(),
            [](const Mention& a, const Mention& b) { return a.uses != b.uses ? a.uses > b.uses : a.file < b.file; });
  return answer;
}
// #endregion who_mentions

std::size_t MentionIndex::files() const {
  std::size_t files = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    files += shard.files;
  }
  return files;
}

indexer::Totals MentionIndex::totals() const {
  indexer::Totals totals;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    totals += shard.totals;
  }
  return totals;
}

std::unordered_map<std::string, std::uint64_t> MentionIndex::uses() const {
  std::unordered_map<std::string, std::uint64_t> all;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    for (const auto& [name, mentions] : shard.mentions)
      for (const Mention& mention : mentions) all[name] += mention.uses;
  }
  return all;
}

bool agree(const MentionIndex& mentions, const indexer::Index& index) {
  const auto uses = mentions.uses();
  return mentions.files() == index.files() && mentions.totals() == index.totals() && uses.size() == index.distinct() &&
         std::all_of(uses.begin(), uses.end(), [&](const auto& use) { return index.uses(use.first) == use.second; });
}

#include <pool/metrics/registry.hpp>

#include <algorithm>

namespace pool::metrics {

Registry::Registry(std::size_t history, Listeners listeners)
    : listeners_(std::move(listeners)),
      history_(history),
      ring_(std::make_unique<sync::atomic<std::uint64_t>[]>(history)) {}

std::string Registry::id_of(const Record& record) const {
  if (record.own_id.empty()) return ids_.text(record.number);
  return record.own_id;
}

// First the name: who comes second to a name is refused before anybody has seen him under his number.
void Registry::insert(const RecordPtr& record) {
  if (!record->own_id.empty()) {
    Names& names = names_of(record->own_id);
    const std::lock_guard lock(names.mutex);
    if (!names.records.write().emplace(record->own_id, record).second) throw DuplicateTask(record->own_id);
  }
  bool inserted = false;
  const basic::Finally failed{[&] {
    if (!inserted) forget_name(*record);
  }};
  Shard& shard = shard_of(record->number);
  const std::lock_guard lock(shard.mutex);
  auto& records = shard.records.write();
  const std::size_t before = records.size();
  records.emplace_hint(records.end(), record->number, record);  // numbers grow, so nearly always it is the last
  if (records.size() == before) throw DuplicateTask(ids_.text(record->number));
  inserted = true;
}

void Registry::accept(Record& record) {
  happened(record, Record::kAccepted);
}

void Registry::started(Record& record) {
  happened(record, Record::kAccepted | Record::kStarted);
}

void Registry::ended(Record& record) {
  happened(record, Record::kEnded);
}

// Whoever makes it a task that was accepted and has ended keeps it. [marks] pairs with itself
void Registry::happened(Record& record, std::uint8_t what) {
  constexpr std::uint8_t kBoth = Record::kAccepted | Record::kEnded;
  const std::uint8_t before = record.marks_.fetch_or(what, std::memory_order_acq_rel);
  if (listeners_.submitted || listeners_.started || listeners_.finished) tell(record);
  if ((before & kBoth) != kBoth && ((before | what) & kBoth) == kBoth) keep(record);
}

// One thread at a time tells of a record. Who comes meanwhile leaves it to that one, which looks again when it is done.
void Registry::tell(Record& record) const {
  while (to_tell(record) != nullptr) {
    if ((record.marks_.fetch_or(Record::kTelling, std::memory_order_acq_rel) & Record::kTelling) != 0) return;
    while (const auto* const listener = to_tell(record)) {
      const bool first = listener == &listeners_.submitted, second = listener == &listeners_.started;
      record.marks_.fetch_or(first    ? Record::kToldSubmitted
                             : second ? Record::kToldStarted
                                      : Record::kToldFinished,
                             std::memory_order_acq_rel);
      if (*listener) (*listener)(record);
    }
    record.marks_.fetch_and(static_cast<std::uint8_t>(~Record::kTelling), std::memory_order_acq_rel);
  }
}

// Who is to hear of it next; null: all that has happened was told.
const std::function<void(const Record&)>* Registry::to_tell(Record& record) const {
  const std::uint8_t marks = record.marks_.load(std::memory_order_acquire);
  const auto is = [marks](std::uint8_t mark) { return (marks & mark) != 0; };
  if (!is(Record::kAccepted)) return nullptr;
  if (!is(Record::kToldSubmitted)) return &listeners_.submitted;
  if (is(Record::kStarted) && !is(Record::kToldStarted)) return &listeners_.started;
  if (is(Record::kEnded) && !is(Record::kToldFinished)) return &listeners_.finished;
  return nullptr;
}

void Registry::refuse(Record& record) {
  forget(record.number, &record);
}

// #region keep
void Registry::keep(Record& record) {
  if ((record.marks_.load(std::memory_order_acquire) & Record::kForgotten) != 0)
    return;  // clear_completed() was faster
  if (history_ == 0) return forget(record.number);
  const std::uint64_t turn = finished_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t oldest = ring_[turn % history_].exchange(record.number, std::memory_order_relaxed);
  if (oldest != 0) forget(oldest);
}
// #endregion keep

void Registry::forget(std::uint64_t number, const Record* only) {
  RecordPtr forgotten;  // destroyed without the lock
  {
    Shard& shard = shard_of(number);
    const std::lock_guard lock(shard.mutex);
    auto& records = shard.records.write();
    const auto found = records.find(number);
    if (found == records.end() || (only != nullptr && found->second.get() != only)) return;
    forgotten = std::move(found->second);
    records.erase(found);
  }
  forgotten->marks_.fetch_or(Record::kForgotten, std::memory_order_acq_rel);
  forget_name(*forgotten);
}

void Registry::forget_name(const Record& record) {
  if (record.own_id.empty()) return;
  RecordPtr forgotten;
  Names& names = names_of(record.own_id);
  const std::lock_guard lock(names.mutex);
  auto& records = names.records.write();
  const auto found = records.find(record.own_id);
  if (found == records.end() || found->second.get() != &record) return;
  forgotten = std::move(found->second);
  records.erase(found);
}

Registry::RecordPtr Registry::find(std::string_view id) const {
  if (const auto number = ids_.number(id)) {
    RecordPtr found = find(*number);
    return found && found->own_id.empty() ? found : nullptr;  // who has an id of his own has no other
  }
  const std::string own_id(id);
  const Names& names = names_of(own_id);
  const std::lock_guard lock(names.mutex);
  const auto& records = names.records.read();
  const auto found = records.find(own_id);
  return found != records.end() ? found->second : nullptr;
}

Registry::RecordPtr Registry::find(std::uint64_t number) const {
  const Shard& shard = shard_of(number);
  const std::lock_guard lock(shard.mutex);
  const auto& records = shard.records.read();
  const auto found = records.find(number);
  return found != records.end() ? found->second : nullptr;
}

std::vector<Registry::RecordPtr> Registry::newest(std::size_t limit,
                                                  const std::function<bool(const Record&)>& passes) const {
  std::vector<RecordPtr> found;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    const auto& records = shard.records.read();
    std::size_t left = limit;
    for (auto at = records.rbegin(); at != records.rend() && left > 0; ++at) {
      if (!passes(*at->second)) continue;
      found.push_back(at->second);
      --left;
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->number > b->number; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::size_t Registry::clear_completed() {
  std::vector<RecordPtr> cleared;  // destroyed without the lock
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    auto& records = shard.records.write();
    for (auto at = records.begin(); at != records.end();) {
      const bool accepted = (at->second->marks_.load(std::memory_order_acquire) & Record::kAccepted) != 0;
      if (!accepted || !priority::has_ended(at->second->state())) {
        ++at;
        continue;
      }
      cleared.push_back(at->second);
      at = records.erase(at);
    }
  }
  for (const RecordPtr& record : cleared) {
    record->marks_.fetch_or(Record::kForgotten, std::memory_order_acq_rel);
    forget_name(*record);
  }
  return cleared.size();
}

std::size_t Registry::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.records.read().size();
  }
  return size;
}

}  // namespace pool::metrics

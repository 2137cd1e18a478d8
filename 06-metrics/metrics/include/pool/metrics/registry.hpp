// Registry: a pool's tasks by their ids, all that have not ended and the last `history` of those that have.
//
// Records lie in shards, by their numbers, so those who hand in at once meet in the same one seldom; who chose an id of
// his own is found by that in another table, sharded by its hash. When a task has ended, its number goes into a ring of
// `history` places, and what lay there before is forgotten: that takes one step of an atomic counter.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (R1) an id belongs to one record at a time
//              (R2) of the tasks that have ended, the last `history` are there and no others, but for those whose end
//                   is just being noted
//              (R3) a task that was refused has left nothing, and has driven nothing out
//              (R4) no code of the user (hooks, destructors of results) runs under a lock
//              (R5) of a task that was accepted, listeners hear one after the other that it was submitted, started and
//                   finished, and each once: on the thread where that happens, or if another thread tells of the task
//                   at that moment, on that one. So nobody waits
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/metrics/errors.hpp>
#include <pool/metrics/record.hpp>
#include <pool/metrics/task.hpp>
#include <pool/metrics/task_ids.hpp>

namespace pool::metrics {

struct RecordListeners {  // who hear of what happens to a record; they must not throw
  std::function<void(const Record&)> submitted = {}, started = {}, finished = {};
};

class Registry {
 public:
  using RecordPtr = std::shared_ptr<Record>;
  using Listeners = RecordListeners;

  explicit Registry(std::size_t history, Listeners listeners = {});

  TaskIds& ids() { return ids_; }
  [[nodiscard]] std::string id_of(const Record& record) const;

  // A record that nobody else knows yet. The id: "" or the caller's own, or one from ids().
  template <class R>
  [[nodiscard]] std::shared_ptr<RecordOf<R>> make(std::string id, std::string executor) {
    if (id.empty()) return std::make_shared<RecordOf<R>>(ids_.next(), std::string(), std::move(executor));
    if (const auto number = ids_.number(id)) {
      return std::make_shared<RecordOf<R>>(*number, std::string(), std::move(executor));
    }
    return std::make_shared<RecordOf<R>>(ids_.next(), std::move(id), std::move(executor));
  }

  // From now on it is found. Throws DuplicateTask.
  void insert(const RecordPtr& record);
  // Then it was accepted, or refused, which is as if it had never been.
  void accept(Record& record);
  void refuse(Record& record);
  // Its job begins: so it was accepted, whoever says that later. Or it has ended.
  void started(Record& record);
  void ended(Record& record);

  [[nodiscard]] RecordPtr find(std::string_view id) const;  // null: it is unknown
  [[nodiscard]] RecordPtr find(std::uint64_t number) const;
  // The newest of those that pass, the newest first. `passes` is called under a lock.
  [[nodiscard]] std::vector<RecordPtr> newest(std::size_t limit,
                                              const std::function<bool(const Record&)>& passes) const;
  // Forgets all that have ended; how many.
  std::size_t clear_completed();
  [[nodiscard]] std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 32;

  struct alignas(64) Shard {
    mutable sync::mutex mutex;
    sync::cell<std::map<std::uint64_t, RecordPtr>> records;  // guarded by mutex
  };
  struct alignas(64) Names {
    mutable sync::mutex mutex;
    sync::cell<std::unordered_map<std::string, RecordPtr>> records;  // guarded by mutex
  };

  Shard& shard_of(std::uint64_t number) { return shards_[number % kShards]; }
  const Shard& shard_of(std::uint64_t number) const { return shards_[number % kShards]; }
  Names& names_of(const std::string& id) { return names_[std::hash<std::string>()(id) % kShards]; }
  const Names& names_of(const std::string& id) const { return names_[std::hash<std::string>()(id) % kShards]; }
  void happened(Record& record, std::uint8_t what);
  void tell(Record& record) const;
  [[nodiscard]] const std::function<void(const Record&)>* to_tell(Record& record) const;
  void keep(Record& record);
  void forget(std::uint64_t number, const Record* only = nullptr);
  void forget_name(const Record& record);

  const Listeners listeners_;
  TaskIds ids_;
  std::array<Shard, kShards> shards_;
  std::array<Names, kShards> names_;
  const std::size_t history_;
  sync::atomic<std::uint64_t> finished_{0};              // so many numbers were put into the ring
  std::unique_ptr<sync::atomic<std::uint64_t>[]> ring_;  // 0: nothing yet
};

}  // namespace pool::metrics

// Queues with priorities, all with the same functions: send, receive and, where it is possible, withdraw. Nobody waits:
// one thread uses them, and receives only what it has sent.
//
// All hold the same, a share in a unit of work, so that what is compared is the queue.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <queue>
#include <string_view>
#include <utility>

#include <pool/priority/priority_channel.hpp>

#ifdef POOL_BENCH_TBB
#include <tbb/concurrent_priority_queue.h>
#endif

namespace bench {

using pool::priority::Ending;
using pool::priority::Priority;
using pool::priority::UnitPtr;

// Work that does nothing, but has a number.
struct Item : pool::priority::Unit {
  Item(Priority level, std::uint64_t number_) : number(number_) { priority = level; }
  Ending run(std::optional<std::size_t>) override { return Ending::completed; }
  bool drop(std::string_view) override { return true; }
  const std::uint64_t number;
};

// Ageing in seconds; 0 is none.
template <int ageing>
class OurQueue {
 public:
  void send(UnitPtr item) { static_cast<void>(channel_.send(item, pool::priority::Deadline::never())); }
  UnitPtr receive() { return channel_.receive(); }
  UnitPtr withdraw(Item& item) { return channel_.withdraw(item); }

 private:
  pool::priority::PriorityChannel channel_{0, std::chrono::seconds(ageing), pool::priority::steady_clock()};
};

// What decides in the queues below: the priority, then who came first. Numbers are given in that order.
struct Key {
  Key() = default;
  explicit Key(const Item& item) : priority(item.priority), number(item.number) {}
  bool operator<(const Key& other) const {
    return std::pair(priority, number) < std::pair(other.priority, other.number);
  }
  Priority priority = Priority::lowest;
  std::uint64_t number = 0;
};
struct Entry {  // of a heap, whose top is its largest
  Key key;
  Item* item = nullptr;
  bool operator<(const Entry& other) const { return other.key < key; }
};
inline Entry entry(UnitPtr unit) {
  auto* const item = static_cast<Item*>(unit.release());
  return {Key(*item), item};
}

// As in the textbook. A heap does not know where in it something stands: nothing can be withdrawn.
class LockedHeap {
 public:
  void send(UnitPtr item) {
    std::lock_guard lock(mutex_);
    heap_.push(entry(std::move(item)));
  }
  UnitPtr receive() {
    std::lock_guard lock(mutex_);
    UnitPtr item(heap_.top().item);
    heap_.pop();
    return item;
  }

 private:
  std::mutex mutex_;
  std::priority_queue<Entry> heap_;
};

// A tree, which can. Its nodes are allocated and freed with the lock held, as they are in a plain map.
class LockedMap {
 public:
  void send(UnitPtr item) {
    const Key key(static_cast<Item&>(*item));
    std::lock_guard lock(mutex_);
    map_.emplace(key, std::move(item));
  }
  UnitPtr receive() {
    std::lock_guard lock(mutex_);
    return take(map_.begin());
  }
  UnitPtr withdraw(Item& item) {
    std::lock_guard lock(mutex_);
    return take(map_.find(Key(item)));
  }

 private:
  using Map = std::map<Key, UnitPtr>;
  UnitPtr take(Map::iterator at) {
    UnitPtr item = std::move(at->second);
    map_.erase(at);
    return item;
  }
  std::mutex mutex_;
  Map map_;
};

#ifdef POOL_BENCH_TBB
// A heap to which one thread at a time applies what all of them have asked for. It cannot withdraw, has no close, and
// its receivers cannot wait.
class OneTbbQueue {
 public:
  void send(UnitPtr item) { queue_.push(entry(std::move(item))); }
  UnitPtr receive() {
    Entry top;
    static_cast<void>(queue_.try_pop(top));
    return UnitPtr(top.item);
  }

 private:
  tbb::concurrent_priority_queue<Entry> queue_;
};
#endif

}  // namespace bench

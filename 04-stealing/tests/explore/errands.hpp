// What the explored tests of the queues put into their cells: numbered errands, and who got them.
#pragma once

#include <pool/stealing/chunk.hpp>
#include <pool/stealing/claim.hpp>
#include <pool/stealing/stream.hpp>
#include <pool/testing/errand.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace pool::stealing {

using Errand = testing::NumberedErrand;

// Puts an errand into the cell, which nobody uses.
inline Errand& put(Cell& cell, int number) {
  EXPLORE_CHECK(cell.empty());
  auto* const errand = new Errand(number);
  cell.hold(UnitPtr(errand));
  return *errand;
}

// Appends an errand, and notes where it stands.
inline Errand& append(Stream& stream, int number, Time since = Time{}) {
  Errand* errand = nullptr;
  stream.append(since, [&](Cell& cell, std::uint64_t position) {
    errand = &put(cell, number);
    errand->position = position;
    errand->at = &cell;
  });
  return *errand;
}

// Publishes errands from..to - 1 at once.
inline std::vector<Errand*> publish(Stream& stream, int from, int to) {
  std::vector<Errand*> errands;
  for (int i = from; i < to; ++i) errands.push_back(&append(stream, i));
  static_cast<void>(stream.publish());
  return errands;
}

// The errands that one thread has got, in its order.
class Got {
 public:
  explicit Got(Chunks& chunks) : chunks_(chunks) {}

  void take(Cell& cell) {
    if (!cell.empty()) take(cell.take_unit());  // or it was removed
    chunks_.finished(cell.chunk(), 1);
  }
  void take(UnitPtr unit) {
    numbers_.push_back(static_cast<const Errand&>(*unit).number);
    units_.push_back(std::move(unit));  // for those who want to remove it
  }
  void take(const Batch& batch) {
    for (std::size_t i = batch.begin; i < batch.end; ++i) take((*batch.chunk)[i]);
  }
  // What the stream gives at once, or until it gives nothing. Whether it was listed or unlisted is summed up.
  bool claim(Stream& stream, std::size_t most = 32) {
    const Batch batch = stream.claim(most, 1, Duration::max(), change);
    take(batch);
    return batch.size() != 0;
  }
  void claim_all(Stream& stream) {
    while (claim(stream)) {
    }
  }

  [[nodiscard]] std::size_t size() const { return numbers_.size(); }
  [[nodiscard]] const std::vector<int>& numbers() const { return numbers_; }
  [[nodiscard]] bool in_order() const {
    for (std::size_t i = 1; i < numbers_.size(); ++i) {
      if (numbers_[i - 1] >= numbers_[i]) return false;
    }
    return true;
  }

  int change = 0;

 private:
  Chunks& chunks_;
  std::vector<int> numbers_;
  std::vector<UnitPtr> units_;
};

// That these have got the numbers from 0, so many, each once.
inline void expect_each_once(std::size_t many, const std::vector<const Got*>& all) {
  std::vector<int> times(many, 0);
  for (const Got* const one : all) {
    for (const int number : one->numbers()) ++times.at(static_cast<std::size_t>(number));
  }
  for (std::size_t i = 0; i < many; ++i) EXPECT_EQ(times[i], 1) << "errand " << i;
}

inline void remove(Stream& stream, const std::vector<Errand*>& errands, Got& removed) {
  for (Errand* const errand : errands) {
    if (UnitPtr unit = stream.remove(*errand)) removed.take(std::move(unit));
  }
}

// Claims what is left: that makes so many, each once, and the claimed ones were claimed in their order.
inline void expect_all(Stream& stream, std::size_t many, Got& claimed, std::vector<const Got*> others = {}) {
  claimed.claim_all(stream);
  others.push_back(&claimed);
  expect_each_once(many, others);
  EXPECT_TRUE(claimed.in_order());
}

}  // namespace pool::stealing

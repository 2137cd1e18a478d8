// Oracle: answers the questions of an execution — who goes on, which store is read, whose timeout fires.
//
// An execution asks only where there is more than one answer, and asks the same questions after the same answers. So
// the list of answers is the schedule: it replays the execution, and what it does not mention is answered with 0.
// Invariant:  (S1) option 0 costs nothing: it is what happens when nothing special does
#pragma once

#include <pool/testing/explorer/clock.hpp>
#include <pool/testing/explorer/explore.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pool::explorer {

inline constexpr std::size_t kMaxOptions = 64;  // of one question

struct Option {
  ThreadId thread = kNobody;  // who goes on, if the question is about that
  std::size_t cost = 0;       // 1: takes the processor from a thread that could go on, or is as unlikely
  bool willing = true;        // false: it spins, or its time is not up while others could go on
};

using Schedule = std::vector<std::size_t>;
std::string to_text(const Schedule& schedule);  // "7:1.12:2": question 7 was answered with 1, question 12 with 2

class Oracle {
 public:
  static constexpr std::size_t kLost = static_cast<std::size_t>(-1);

  virtual ~Oracle() = default;

  // Gets ready for the next execution. False: there is none.
  virtual bool next() = 0;

  // The index of an option. kLost: the question is not the one that was asked last time.
  virtual std::size_t choose(std::span<const Option> options) = 0;

  // After the last execution: whether no answer was left out.
  [[nodiscard]] virtual bool complete() const { return false; }
};

std::unique_ptr<Oracle> make_oracle(const Explore& options);
std::unique_ptr<Oracle> make_replay(const std::string& schedule);  // throws std::invalid_argument

}  // namespace pool::explorer

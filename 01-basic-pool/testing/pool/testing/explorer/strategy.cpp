#include <pool/testing/explorer/strategy.hpp>

#include <algorithm>
#include <bitset>
#include <random>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace pool::explorer {
namespace {

// Depth first through the tree of answers, first without a preemption, then with one, and so on: what is found first
// is the simplest to read. (Iterative context bounding: Musuvathi and Qadeer, PLDI 2007.)
class Exhaustive final : public Oracle {
 public:
  explicit Exhaustive(std::size_t preemptions) : last_bound_(preemptions) {}

  bool next() override {
    depth_ = 0;
    if (std::exchange(first_, false)) return true;
    for (; !path_.empty(); path_.pop_back()) {
      Question& last = path_.back();
      while (++last.answer < last.options) {
        if (last.spent + last.cost() <= bound_) return true;
        complete_ = false;
      }
    }
    if (complete_ || bound_ == last_bound_) return false;
    complete_ = true;
    ++bound_;
    return true;
  }

  std::size_t choose(std::span<const Option> options) override {
    if (depth_ == path_.size()) {
      Question question{.options = options.size()};
      if (depth_ > 0) question.spent = path_[depth_ - 1].spent + path_[depth_ - 1].cost();
      for (std::size_t i = 0; i < options.size(); ++i) question.costly[i] = options[i].cost != 0;
      path_.push_back(question);
    }
    const Question& question = path_[depth_++];
    return question.options == options.size() ? question.answer : kLost;
  }

  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  struct Question {
    std::size_t options = 0;  // how many there are
    std::bitset<kMaxOptions> costly{};
    std::size_t answer = 0;
    std::size_t spent = 0;  // before this question
    [[nodiscard]] std::size_t cost() const { return costly[answer] ? 1 : 0; }
  };
  std::vector<Question> path_;
  std::size_t depth_ = 0;
  std::size_t bound_ = 0;
  std::size_t last_bound_;
  bool first_ = true;
  bool complete_ = true;  // no answer was too expensive under this bound
};

class Random final : public Oracle {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}
  bool next() override { return true; }
  std::size_t choose(std::span<const Option> options) override { return random_() % options.size(); }

 private:
  std::mt19937_64 random_;
};

// Threads have random priorities, and the highest runs. At depth - 1 random moments the running thread falls behind
// all others. A bug that needs `depth` orderings is found with a known probability in each execution.
// (Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS 2010.)
class Pct final : public Oracle {
 public:
  Pct(std::uint64_t seed, std::size_t depth) : random_(seed), changes_(depth > 0 ? depth - 1 : 0) {}

  bool next() override {
    length_ = std::max(length_, asked_);
    asked_ = 0;
    for (std::size_t i = 0; i < kMaxThreads; ++i) priority_[i] = changes_.size() + i;
    std::shuffle(priority_.begin(), priority_.end(), random_);
    for (std::size_t& change : changes_) change = random_() % length_;
    return true;
  }

  std::size_t choose(std::span<const Option> options) override {
    if (options[0].thread == kNobody) return random_() % options.size();
    std::size_t highest = find_highest(options);
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      if (changes_[i] == asked_) priority_[options[highest].thread] = i;  // below every priority of the start
    }
    ++asked_;
    return find_highest(options);
  }

 private:
  [[nodiscard]] std::size_t find_highest(std::span<const Option> options) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < options.size(); ++i) {
      if (options[i].willing && priority_[options[i].thread] > priority_[options[best].thread]) best = i;
    }
    return best;
  }

  std::mt19937_64 random_;
  std::vector<std::size_t> changes_;  // the questions at which the running thread falls behind
  std::array<std::size_t, kMaxThreads> priority_{};
  std::size_t asked_ = 0;   // questions about threads in this execution
  std::size_t length_ = 1;  // the most of them in one execution so far
};

class Replay final : public Oracle {
 public:
  explicit Replay(Schedule schedule) : schedule_(std::move(schedule)) {}
  bool next() override { return std::exchange(first_, false); }
  std::size_t choose(std::span<const Option> options) override {
    const std::size_t answer = asked_ < schedule_.size() ? schedule_[asked_] : 0;
    ++asked_;
    return answer < options.size() ? answer : kLost;
  }

 private:
  Schedule schedule_;
  std::size_t asked_ = 0;
  bool first_ = true;
};

}  // namespace

std::string to_text(const Schedule& schedule) {
  std::ostringstream text;
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    if (schedule[i] != 0) text << (text.tellp() > 0 ? "." : "") << i << ':' << schedule[i];
  }
  return text.tellp() > 0 ? text.str() : "0:0";
}

std::unique_ptr<Oracle> make_oracle(const Explore& options) {
  switch (options.strategy) {
    case Strategy::random:
      return std::make_unique<Random>(options.seed);
    case Strategy::pct:
      return std::make_unique<Pct>(options.seed, options.depth);
    case Strategy::exhaustive:
      break;
  }
  return std::make_unique<Exhaustive>(options.preemptions);
}

std::unique_ptr<Oracle> make_replay(const std::string& schedule) {
  Schedule answers;
  std::istringstream text(schedule);
  do {
    std::size_t question = 0;
    std::size_t answer = 0;
    char colon = 0;
    if (!(text >> question >> colon >> answer) || colon != ':' || question > 1'000'000) {
      throw std::invalid_argument("a schedule reads like 7:1.12:2, not like " + schedule);
    }
    if (question >= answers.size()) answers.resize(question + 1);
    answers[question] = answer;
  } while (text.get() == '.');
  return std::make_unique<Replay>(std::move(answers));
}

}  // namespace pool::explorer

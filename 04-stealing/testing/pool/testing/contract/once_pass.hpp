// OncePass: a range of closures that can be gone through once, for tests of whoever takes ranges.
#pragma once

#include <atomic>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace pool::testing {

// Of `count` elements, each made by make(its number) when it is looked at.
template <class Make>
class OncePass {
 public:
  OncePass(std::size_t count, Make make) : count_(count), make_(std::move(make)) {}
  OncePass(OncePass&&) = delete;

  class Iterator {
   public:
    using value_type = std::invoke_result_t<Make&, std::size_t>;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;
    explicit Iterator(OncePass& range) : range_(&range) {}
    Iterator(Iterator&&) noexcept = default;
    Iterator& operator=(Iterator&&) noexcept = default;
    value_type operator*() const { return range_->make_(range_->next_); }
    Iterator& operator++() { return ++range_->next_, *this; }
    void operator++(int) { ++range_->next_; }
    friend bool operator==(const Iterator& it, std::default_sentinel_t) { return it.at_end(); }

   private:
    [[nodiscard]] bool at_end() const { return range_->next_ == range_->count_; }
    OncePass* range_;
  };
  Iterator begin() { return Iterator(*this); }
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }

 private:
  std::size_t count_;
  Make make_;
  std::size_t next_ = 0;
};

struct Adds {  // the closure of most of these tests
  std::atomic<int>* to;
  void operator()() const { ++*to; }
};

}  // namespace pool::testing

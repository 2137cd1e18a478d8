// Record: a task, as the registry keeps it: the job, whose state is the task's, and a copy of its result. (A copy,
// since whoever gives up a handle takes the job's own with him: std::move(job).get(). Where no copy was kept, as of an
// entered job, the job's own is read: then no handle may be given up for it.)
//
// Thread safety: every member may be called from any thread; keep() by whoever does the work, once, before the job has
// ended.
// Invariants:  (T1) its state is the job's
//              (T2) no code of the user is called by a constructor or under a lock; the destructor destroys the result
// Memory ordering: what keep() was given is visible to whoever sees that the job has ended.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/metrics/result_text.hpp>
#include <pool/metrics/task.hpp>
#include <pool/priority/job.hpp>

namespace pool::metrics {

using priority::Job;

class Record {
 public:
  Record(std::uint64_t new_number, std::string id, std::string runs_it)
      : number(new_number), own_id(std::move(id)), executor(std::move(runs_it)) {}
  virtual ~Record() = default;
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  const std::uint64_t number;  // the next one's is larger
  const std::string own_id;    // "": its id is made of the number
  const std::string executor;
  Time submitted{};  // set once

  [[nodiscard]] virtual priority::JobInfo info() const = 0;
  [[nodiscard]] virtual JobState state() const = 0;
  [[nodiscard]] virtual std::string name() const = 0;
  virtual bool cancel(std::string_view why) const = 0;
  virtual void on_end(std::function<void(const priority::JobCore&)> f) const = 0;
  // Whether it ended within that time.
  [[nodiscard]] virtual bool wait_for(Duration timeout) const = 0;
  // Throws what the work threw, or Cancelled. When it has ended.
  virtual void rethrow() const = 0;

  [[nodiscard]] virtual const std::type_info& type() const = 0;  // of the result
  [[nodiscard]] virtual std::string result_text() const = 0;     // when it is completed

 private:
  friend class Registry;
  enum Mark : std::uint8_t {
    kAccepted = 1,  // what has happened to it,
    kStarted = 2,
    kEnded = 4,
    kForgotten = 8,
    kTelling = 16,        // somebody tells of it now,
    kToldSubmitted = 32,  // and what was told
    kToldStarted = 64,
    kToldFinished = 128,
  };
  sync::atomic<std::uint8_t> marks_{0};
};

// Without a type of its own: what void gives.
using Nothing = std::monostate;

template <class R>
class RecordOf final : public Record {
 public:
  using Value = std::conditional_t<std::is_void_v<R>, Nothing, std::decay_t<R>>;
  static constexpr bool kCopies = std::copy_constructible<Value>;

  using Record::Record;
  void set(Job<R> job, Time handed_in) {  // before anybody else knows the record
    job_ = std::move(job);
    submitted = handed_in;
  }

  // What cannot be copied is known as text. What copying throws is the work's business no more: then there is no copy.
  void keep(const Value& value) {
    kept_ = true;
    failure_ = basic::catching([&] {
      if constexpr (kCopies) {
        value_.emplace(value);
      } else {
        value_.emplace(text_of(value));
      }
    });
  }
  // When it is completed.
  [[nodiscard]] const Value& value() const requires(kCopies && !std::is_void_v<R>) {
    if (failure_) std::rethrow_exception(failure_);
    return kept_ ? *value_ : job_.get();
  }

  [[nodiscard]] priority::JobInfo info() const override { return job_.info(); }
  [[nodiscard]] JobState state() const override { return job_.state(); }
  [[nodiscard]] std::string name() const override { return job_.name(); }
  bool cancel(std::string_view why) const override { return job_.cancel(why); }
  void on_end(std::function<void(const priority::JobCore&)> f) const override { job_.on_end(std::move(f)); }
  [[nodiscard]] bool wait_for(Duration timeout) const override { return job_.wait_for(timeout); }
  void rethrow() const override { static_cast<void>(job_.get()); }

  [[nodiscard]] const std::type_info& type() const override { return typeid(R); }
  [[nodiscard]] std::string result_text() const override {
    if constexpr (std::is_void_v<R>) {
      return {};
    } else {
      std::string text;
      const std::exception_ptr error = failure_ ? failure_ : basic::catching([&] { text = shown(); });
      if (error) text = "(cannot be shown: " + error_text(error) + ")";
      return text;
    }
  }

 private:
  [[nodiscard]] std::string shown() const {
    if constexpr (kCopies) {
      return text_of<Value>(value());
    } else {
      if (kept_) return *value_;
      return text_of<Value>(job_.get());
    }
  }

  Job<R> job_;
  bool kept_ = false;  // this and the next two are written before the job has ended
  std::optional<std::conditional_t<kCopies, Value, std::string>> value_;
  std::exception_ptr failure_;
};

}  // namespace pool::metrics

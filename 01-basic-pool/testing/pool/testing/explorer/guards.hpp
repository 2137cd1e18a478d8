// The standard's guards for the explorer's mutex. They do what those of <mutex> do, and take along where they stand:
// so a timeline names the line that locks, which else lies inside <mutex>. The end of a scope has no place.
#pragma once

#include <pool/testing/explorer/mutex.hpp>

#include <mutex>
#include <system_error>
#include <utility>

template <>
class std::lock_guard<pool::sync::mutex> {
 public:
  using mutex_type = pool::sync::mutex;

  explicit lock_guard(mutex_type& m, pool::explorer::Site site = pool::explorer::Site::here()) : mutex_(m) {
    m.lock(site);
  }
  lock_guard(mutex_type& m, std::adopt_lock_t /*tag*/) : mutex_(m) {}
  ~lock_guard() { mutex_.unlock({}); }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;

 private:
  mutex_type& mutex_;
};

template <>
class std::scoped_lock<pool::sync::mutex> : std::lock_guard<pool::sync::mutex> {
 public:
  using mutex_type = pool::sync::mutex;

  explicit scoped_lock(mutex_type& m, pool::explorer::Site site = pool::explorer::Site::here()) : lock_guard(m, site) {}
  scoped_lock(std::adopt_lock_t tag, mutex_type& m) : lock_guard(m, tag) {}
};

template <>
class std::unique_lock<pool::sync::mutex> {
  using Site = pool::explorer::Site;

 public:
  using mutex_type = pool::sync::mutex;

  unique_lock() = default;
  explicit unique_lock(mutex_type& m, Site site = Site::here()) : mutex_(&m) { lock(site); }
  unique_lock(mutex_type& m, std::defer_lock_t /*tag*/) : mutex_(&m) {}
  unique_lock(mutex_type& m, std::try_to_lock_t /*tag*/, Site site = Site::here()) : mutex_(&m) {
    owns_ = m.try_lock(site);
  }
  unique_lock(mutex_type& m, std::adopt_lock_t /*tag*/) : mutex_(&m), owns_(true) {}
  unique_lock(unique_lock&& other) noexcept { swap(other); }
  unique_lock& operator=(unique_lock&& other) noexcept {
    unique_lock(std::move(other)).swap(*this);
    return *this;
  }
  ~unique_lock() {
    if (owns_) mutex_->unlock({});
  }

  void lock(Site site = Site::here()) {
    check_free();
    mutex_->lock(site);
    owns_ = true;
  }
  bool try_lock(Site site = Site::here()) {
    check_free();
    return owns_ = mutex_->try_lock(site);
  }
  void unlock(Site site = Site::here()) {
    if (!owns_) throw std::system_error(std::make_error_code(std::errc::operation_not_permitted));
    mutex_->unlock(site);
    owns_ = false;
  }

  void swap(unique_lock& other) noexcept {
    std::swap(mutex_, other.mutex_);
    std::swap(owns_, other.owns_);
  }
  mutex_type* release() noexcept {
    owns_ = false;
    return std::exchange(mutex_, nullptr);
  }
  [[nodiscard]] mutex_type* mutex() const noexcept { return mutex_; }
  [[nodiscard]] bool owns_lock() const noexcept { return owns_; }
  explicit operator bool() const noexcept { return owns_; }

 private:
  void check_free() const {
    if (!mutex_) throw std::system_error(std::make_error_code(std::errc::operation_not_permitted));
    if (owns_) throw std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur));
  }

  mutex_type* mutex_ = nullptr;
  bool owns_ = false;
};

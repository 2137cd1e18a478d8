// SlowSource: real files, as if from a disc or a server that is slow. A read takes a certain time, and only so many are
// served at a time: who is one too many waits. That is the demo's throttle; the files are read as they are.
//
// Thread safety: read() may be called from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <semaphore>
#include <string>
#include <thread>

#include <indexer/text.hpp>
#include <pool/basic/user_code.hpp>

class SlowSource {
 public:
  SlowSource(std::size_t lanes, std::chrono::microseconds a_read)
      : free_(static_cast<std::ptrdiff_t>(lanes)), a_read_(a_read) {}

  // #region read
  indexer::FileText read(const std::string& file) {
    free_.acquire();
    const pool::basic::Finally served{[this] { free_.release(); }};
    std::this_thread::sleep_for(a_read_);
    return indexer::read_text(file);
  }
  // #endregion read

 private:
  std::counting_semaphore<> free_;
  const std::chrono::microseconds a_read_;
};

#include "interruption.hpp"

#include <unistd.h>

#include <atomic>
#include <cstddef>

namespace {

std::atomic<int> noted{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

}  // namespace

void Interrupted::end_process() const {
  ::signal(signal_, SIG_DFL);
  ::raise(signal_);
  ::_exit(128 + signal_);
}

Interruption::Interruption() {
  noted = 0;
  struct sigaction action {};
  action.sa_handler = [](int signal) { noted = signal; };
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);  // nohup stays nohup
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
}

void Interruption::check() const {
  if (const int signal = noted; signal != 0) throw Interrupted(signal);
}

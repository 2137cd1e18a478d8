// Two locks in both orders, but never at the same time: it ends well, and ThreadSanitizer still sees the danger.
#include <mutex>
#include <thread>

std::mutex anna;
std::mutex ben;

// #region orders
void one_way() {
  std::lock_guard first(anna);
  std::lock_guard second(ben);
}

void other_way() {
  std::lock_guard first(ben);
  std::lock_guard second(anna);
}
// #endregion orders

// #region main
int main() {
  std::thread(one_way).join();
  std::thread(other_way).join();
}
// #endregion main

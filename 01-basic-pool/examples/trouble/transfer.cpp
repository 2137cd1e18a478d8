// A deadlock: two threads take the same two locks, each in its own order.
#include <latch>
#include <mutex>
#include <thread>

struct Account {
  std::mutex mutex;
  int money = 100;  // guarded by mutex
};

std::latch both_have_one(2);

// #region transfer
void transfer(Account& from, Account& to, int amount) {
  std::lock_guard first(from.mutex);
  both_have_one.arrive_and_wait();  // a latch for two, so that it goes wrong each time
  std::lock_guard second(to.mutex);
  from.money -= amount;
  to.money += amount;
}
// #endregion transfer

// #region main
int main() {
  Account anna;
  Account ben;
  std::thread one([&] { transfer(anna, ben, 10); });
  std::thread two([&] { transfer(ben, anna, 20); });
  one.join();
  two.join();
}
// #endregion main

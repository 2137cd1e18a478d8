// The deadlock of transfer.cpp as an explored test: no latch, and it is found all the same.
#include <mutex>

#include <pool/testing/explorer/test.hpp>

namespace {

struct Account {
  pool::sync::mutex mutex;
  pool::sync::cell<int> money{100};  // guarded by mutex
};

void transfer(Account& from, Account& to, int amount) {
  std::lock_guard first(from.mutex);
  std::lock_guard second(to.mutex);
  from.money.write() -= amount;
  to.money.write() += amount;
}

// #region test
EXPLORE(Accounts, MoneyGoesBothWaysAtOnce) {
  Account anna;  // its mutex is a pool::sync::mutex, its money a pool::sync::cell<int>
  Account ben;
  anna.mutex.name("anna's lock");
  ben.mutex.name("ben's lock");
  pool::sync::thread one([&] { transfer(anna, ben, 10); });
  pool::sync::thread two([&] { transfer(ben, anna, 20); });
  one.join();
  two.join();
  EXPECT_EQ(anna.money.read() + ben.money.read(), 200);
}
// #endregion test

}  // namespace

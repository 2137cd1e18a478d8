// The two operations of Deque::take() by which the owner says what it wants, and looks whether a thief has it; in C, so that
// a compiler can make instructions of them for a processor whose C++ library is not there. See show.sh.
#include <stdatomic.h>

long as_it_is(_Atomic(long)* bottom, _Atomic(long)* top, long one_less) {
  atomic_store_explicit(bottom, one_less, memory_order_seq_cst);
  return atomic_load_explicit(top, memory_order_seq_cst);
}

long the_load_an_acquire(_Atomic(long)* bottom, _Atomic(long)* top, long one_less) {
  atomic_store_explicit(bottom, one_less, memory_order_seq_cst);
  return atomic_load_explicit(top, memory_order_acquire);
}

long the_store_a_release(_Atomic(long)* bottom, _Atomic(long)* top, long one_less) {
  atomic_store_explicit(bottom, one_less, memory_order_release);
  return atomic_load_explicit(top, memory_order_seq_cst);
}

long both(_Atomic(long)* bottom, _Atomic(long)* top, long one_less) {
  atomic_store_explicit(bottom, one_less, memory_order_release);
  return atomic_load_explicit(top, memory_order_acquire);
}

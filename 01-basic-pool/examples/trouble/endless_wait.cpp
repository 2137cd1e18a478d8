// A wait that the compiler leaves out: `done` is no atomic, so no other thread may change it meanwhile.

// #region wait
bool done = false;
void wait() {
  while (!done) {
  }
}
// #endregion wait

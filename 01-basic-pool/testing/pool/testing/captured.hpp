// While GoogleTest captures stderr it is a file, and what a program says there before it dies is lost with it: the
// reason of an abort, the watchdog's stacks, a sanitizer's report. This brings it to light.
#pragma once

namespace pool::testing {

// From now on an abort() shows what was captured, and sanitizers report where stderr is now. Call it once, early in
// main().
void keep_stderr();

// Makes stderr what it was in keep_stderr() again and writes there what it holds as a file. For a program that is about
// to end: GoogleTest's capturing does not survive it. May be called in a signal handler.
void uncapture_stderr();

}  // namespace pool::testing

"""The tutor's words. Status 0: done, all tests pass; 1: something does not pass; 2: asked wrongly; 130: Ctrl-C."""
import difflib
import os
import signal
import sys
from pathlib import Path
from typing import List, Optional

from remembered import OPTIONS as HOW_MUCH

from . import check, commands, process, show, watch
from .catalogue import UsageError
from .commands import Session

USAGE = """\
Exercises: you write code in my/<stage>/<exercise>/, and the tests tell you how
far you are.

  ./learn list             all exercises, with what is solved
  ./learn next             the first that is not solved: what to do, and where
  ./learn try [id]         compile and test your code once
                           (--from-mine: begin a capstone from your own solution
                           of the one before)
  ./learn watch [id]       the same after every save, until q
  ./learn hint [id]        the next of three hints
  ./learn diff [id]        your code beside our solution, after a try
  ./learn solution [id]    our solution, after a try (or with --yes)
  ./learn reset <id>       begin anew; your files are kept in my/.backup

  ./learn check [id…]      for authors: do the exercises hold what they promise?
                           (--changed: only those that changed; --all:
                           even those that are known to have passed)
  python3 tools/tutor skeleton [id…]
                           for authors: make task/ from solution/

Without an id: the exercise you tried last, or the first that is not solved.
e3 is enough for e3_graceful_shutdown.
The verdicts are explained in docs/verdicts.md.
"""
WORDS = {"list": commands.show_list, "next": commands.show_next, "try": commands.try_once, "watch": watch.watch,
         "hint": commands.hint, "reset": commands.reset, "solution": commands.solution, "diff": commands.diff,
         "check": check.check, "skeleton": commands.skeletons}
OPTIONS = {"try": {"--from-mine"}, "reset": {"--yes"}, "solution": {"--yes"}, "check": set(HOW_MUCH)}
ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: Optional[List[str]] = None) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal that has no UTF-8 gets question marks, not a traceback
    signal.signal(signal.SIGTERM, _ended)
    signal.signal(signal.SIGHUP, _ended)
    try:
        return _run(arguments)
    except UsageError as error:
        print(show.wrapped(str(error), show.width()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        process.stop_all()
        print("\nstopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output went away (| head)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _ended(number, _frame):
    process.stop_all()
    raise SystemExit(128 + number)


def _run(arguments: List[str]) -> int:
    root = ROOT
    if arguments[:1] == ["--root"] and len(arguments) > 1:  # another course tree: the tutor's own tests
        root, arguments = Path(arguments[1]).resolve(), arguments[2:]
    word = arguments[0] if arguments else "--help"
    if word in ("-h", "--help", "help") or "--help" in arguments or "-h" in arguments:
        print(USAGE, end="")
        return 0 if arguments else 2
    if word not in WORDS:
        close = difflib.get_close_matches(word, WORDS, n=1, cutoff=0.5)
        meant = f" Did you mean '{close[0]}'?" if close else f" There are: {', '.join(WORDS)}."
        raise UsageError(f"'{word}' is nothing the tutor knows.{meant}")
    options = {each for each in arguments[1:] if each.startswith("-")}
    for option in sorted(options - OPTIONS.get(word, set())):
        known = ", ".join(OPTIONS.get(word, [])) or "none"
        raise UsageError(f"'{word}' has no option {option} (options: {known}).")
    ids = [each for each in arguments[1:] if not each.startswith("-")]
    if word in ("list", "next") and ids:
        raise UsageError(f"'{word}' takes no exercise. To work on one: ./learn try {ids[0]}")
    if word not in ("check", "skeleton") and len(ids) > 1:
        raise UsageError(f"'{word}' takes one exercise at a time, and these are {len(ids)}: {' '.join(ids)}")
    return WORDS[word](Session(root), ids, options)

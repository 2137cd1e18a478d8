"""remembered: which checks have passed and from what, so that only what has changed is judged anew.

A check has a name, and a key: a hash of all texts that decide its verdict, found by following `#include` lines (Sources).
What has passed is remembered as a line "name  key" in one of two files of the same form:

    tools/verdicts/STEP.txt    committed, so that a fresh clone knows it; only --remember writes it, after a run of all
                               checks in which none failed. A merge keeps the lines of both sides: one too many does no harm
    build/verdicts/STEP.txt    of this working copy; written by every run

The compiler and the tools that judge are not part of a key, or each new one would cost an hour. So that a wrong record
is found all the same, every run judges some of the remembered checks too, chosen by chance; $POOL_CHECK_SEED repeats
a choice. A failure is never remembered, whatever the files say. Three options say otherwise what is judged:

    --all         everything, as with POOL_CHECK_ALL=1
    --changed     only what is new or has changed, nothing by chance
    --remember    as without; then the committed file is written
"""
import functools
import hashlib
import os
import random
import re
from pathlib import Path

INCLUDE = re.compile(r'^[-+ ]?[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)  # in a patch, too
OPTIONS = ("--all", "--changed", "--remember")
FAILED = "failed"  # stands in place of a key


class Sources:
    """The C++ files of all stages, and what each of them may include: too much rather than too little."""

    def __init__(self, root):
        self.root = Path(root)
        self.named = {}  # the name of a file -> all paths that end with it
        for pattern in ("[0-9][0-9]-*/**/*.hpp", "[0-9][0-9]-*/**/*.h", "[0-9][0-9]-*/**/*.cpp"):
            for file in self.root.glob(pattern):
                self.named.setdefault(file.name, []).append(file.relative_to(self.root).as_posix())

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        file = self.root / path
        return file.read_bytes() if file.is_file() else b""

    @functools.lru_cache(maxsize=None)
    def included(self, path):
        """The files that its #include lines may mean: what lies beside it, or else whatever ends with that name."""
        lines = INCLUDE.findall(self.text(path).decode(errors="replace"))
        return frozenset().union(*(self.meant(path, *line) for line in lines))

    def first_included(self, path):
        """What its first #include of one of our files may mean."""
        lines = INCLUDE.findall(self.text(path).decode(errors="replace"))
        return next(filter(None, (self.meant(path, *line) for line in lines)), set())

    def meant(self, path, mark, name):
        beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
        if mark == '"' and (self.root / beside).is_file():
            return {beside}
        end = "/" + re.sub(r"^(\.\.?/)+", "", name)
        return {each for each in self.named.get(os.path.basename(name), []) if each.endswith(end)}

    def closure(self, paths):
        """These files and all that they include, at first or at second hand."""
        seen, left = set(), [str(path) for path in paths]
        while left:
            path = left.pop()
            if path not in seen:
                seen.add(path)
                left += self.included(path)
        return seen

    def key(self, paths, *more):
        """Of these files with all that they include, and of what else decides."""
        parts = [repr(each).encode() for each in more]
        for path in sorted(self.closure(paths)):
            parts += [path.encode(), hashlib.sha256(self.text(path)).digest()]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:20]


class Record:
    """What is known of the checks of a step; which of them are to be judged; what came of it."""

    def __init__(self, root, step, keys):
        self.keys = keys  # of all checks that there are: name -> key
        self.committed_file = Path(root) / "tools" / "verdicts" / f"{step}.txt"
        self.own_file = Path(root) / "build" / "verdicts" / f"{step}.txt"
        self.committed, self.own = set(read(self.committed_file)), dict(read(self.own_file))
        self.sample, self.seed, self.remembered, self.judged = set(), None, 0, 0
        self.contradicted = []  # names of checks that a record says pass, and that fail

    def knows(self, name):
        own = self.own.get(name)
        return own != FAILED and (own == self.keys[name] or (name, self.keys[name]) in self.committed)

    def choose(self, names, option, share):
        """Those of the names that are to be judged. share: how many of the remembered ones, at least, by chance."""
        known = sorted(name for name in names if self.knows(name))
        if option == "--all" or os.environ.get("POOL_CHECK_ALL") == "1":
            known = []
        elif option != "--changed":
            self.seed = os.environ.get("POOL_CHECK_SEED") or str(random.randrange(10**6))
            self.sample = set(random.Random(self.seed).sample(known, min(len(known), share)))
        chosen = set(names) - set(known) | self.sample
        self.remembered, self.judged = len(names) - len(chosen), len(chosen)
        return chosen

    def note(self, name, passed):
        """What a judgement came to, which is written at once: whoever stops a run keeps what it has found."""
        if not passed and (name, self.keys[name]) in self.committed:
            self.contradicted.append(name)
        self.own = dict(read(self.own_file))  # another run may have written to it
        self.own[name] = self.keys[name] if passed else FAILED
        write(self.own_file, {name: key for name, key in self.own.items() if name in self.keys})

    def close(self, passed, failed, option=None):
        """The closing lines, the last of which counts."""
        lines = [f"{name}: {self.committed_file.name} says that it passes, and it fails" for name in self.contradicted]
        if option == "--remember":
            lines.append(self.remember(failed))
        line = f"{passed} passed, {failed} failed"
        if self.remembered or self.sample:
            chance = f", {len(self.sample)} of them by chance (seed {self.seed})" if self.sample else ""
            line += f"; {self.remembered} remembered, {self.judged} judged{chance}"
        return "\n".join([*lines, line])

    def remember(self, failed):
        shown = f"tools/verdicts/{self.committed_file.name}"
        unknown = [name for name in self.keys if not self.knows(name)]
        if failed or unknown:
            return f"{shown} is not written, for not all checks have passed"
        new = len(set(self.keys.items()) - self.committed)
        gone = len({name for name, _ in self.committed} - set(self.keys))
        write(self.committed_file, self.keys)
        return f"{shown} is written: {len(self.keys)} verdicts, {new} of them new; {gone} of checks that are gone left out"


def read(file):
    """Names with their keys. After a merge a committed file may have several of a name: any of them has passed."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [tuple(line.rsplit("  ", 1)) for line in lines if "  " in line]


def write(file, verdicts):
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text("".join(f"{name}  {key}\n" for name, key in sorted(verdicts.items())), encoding="utf-8")
    os.replace(part, file)

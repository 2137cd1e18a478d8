"""Pages: a comment names a source, and the block after it shows that source.

    <!-- code: 01-basic-pool/include/pool/basic/channel.hpp#receive -->     a region; without '#…', the whole file
    <!-- output: docs/recorded/01-run.txt -->                               what a program printed
    <!-- diff: <file>[#region] <file>[#region] -->                          what changed between two
    <!-- table: docs/benchmarks/01-basic-pool.json#w1 -->                   a benchmark's table

The block is a fence or a table, and a line in <sub> with a link to the source. It belongs to weave: whatever stands
there is replaced. A comment inside a fence is text.
"""
import difflib
import os
import re
from pathlib import PurePosixPath
from typing import List, Set, Tuple

from . import recordings, tables
from .problem import Problem, WeaveError
from .sources import Library, language

COMMENT = re.compile(r"^\s*<!--\s*(\w+)\s*:\s*(.*?)\s*-->\s*$")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})(.*)$")
CHAPTER = re.compile(r"^docs/\d\d-[^/]*\.md$")
KINDS = ("code", "output", "diff", "table")
LONGEST_LISTING = 25  # lines in a chapter: what a reader takes in at one look


class Weaver:
    """Weaves pages, and remembers which regions they used and what was wrong."""

    def __init__(self, library: Library):
        self.library = library
        self.problems: List[Problem] = []
        self.used: Set[Tuple[str, str]] = set()  # (path, region)
        self._recordings = None

    def weave(self, page: str, text: str) -> str:
        """The page with its blocks filled. A block that cannot be filled stays as it was, with a problem noted."""
        lines = text.splitlines()
        out: List[str] = []
        at = 0
        while at < len(lines):
            closing = fence_end(lines, at)
            if closing is not None:
                out += lines[at:closing + 1]
                at = closing + 1
                continue
            match = COMMENT.match(lines[at])
            out.append(lines[at])
            at += 1
            if not match:
                continue
            kind, operand = match.groups()
            if kind not in KINDS:
                self._suspect(page, at, kind)
                continue
            end = block_end(lines, at, kind)
            try:
                out += getattr(self, f"_{kind}")(page, operand)
            except WeaveError as error:
                self.problems.append(Problem(page, at, str(error)))
                out += lines[at:end]
            at = end
        return "\n".join(out) + "\n"

    def _suspect(self, page: str, line: int, kind: str):
        close = difflib.get_close_matches(kind, KINDS, n=1, cutoff=0.7)
        if close:
            self.problems.append(Problem(page, line, f"weave fills no '{kind}:'; did you mean '{close[0]}:'?"))

    def _code(self, page: str, operand: str) -> List[str]:
        path, name = split(operand)
        listing = self._listing(path, name)
        if CHAPTER.match(page) and len(listing) > LONGEST_LISTING:
            raise WeaveError(f"the listing of {operand} has {len(listing)} lines, and a chapter's listing at most "
                             f"{LONGEST_LISTING}; show a smaller region of it")
        region = self.library.source(path).region(name)
        lines = "" if name is None else f"#L{region.first}-L{region.last}"
        return fence(language(path), listing) + [link(page, path, lines)]

    def _output(self, _page: str, operand: str) -> List[str]:
        if self._recordings is None:
            self._recordings = recordings.commands(self.library.root)
        text = self.library.text(operand)
        return fence("console", recordings.shown(operand, text, self._recordings))

    def _diff(self, page: str, operand: str) -> List[str]:
        operands = operand.split()
        if len(operands) != 2:
            raise WeaveError("a diff names two files: <!-- diff: before.hpp after.hpp -->")
        (old, old_name), (new, new_name) = (split(each) for each in operands)
        changes = list(difflib.unified_diff(self._listing(old, old_name), self._listing(new, new_name),
                                            operands[0], operands[1], lineterm=""))
        if not changes:
            raise WeaveError(f"{operands[0]} and {operands[1]} do not differ; there is nothing to show")
        return fence("diff", changes) + [link(page, old, "") + " " + link(page, new, "")]

    def _table(self, page: str, operand: str) -> List[str]:
        path, name = split(operand)
        if name is None:
            raise WeaveError(f"say which workload: <!-- table: {path}#w1 -->")
        text = self.library.text(path)
        return [""] + tables.table(text, path, name) + ["", link(page, path, "", tables.caption(text) + " · ")]

    def _listing(self, path: str, name) -> List[str]:
        source = self.library.source(path)
        if name is not None:
            self.used.add((path, name))
        return source.listing(name)


def split(operand: str):
    path, _, name = operand.partition("#")
    return path, name or None


def fence(kind: str, lines: List[str]) -> List[str]:
    """A fence that is longer than any inside it."""
    longest = max((len(match.group(1)) for match in map(FENCE.match, lines) if match), default=2)
    ticks = "`" * max(3, longest + 1)
    return [ticks + kind] + lines + [ticks]


def link(page: str, path: str, anchor: str, before: str = "") -> str:
    target = os.path.relpath(path, str(PurePosixPath(page).parent))
    return f"<sub>{before}[{path}]({target}{anchor})</sub>"


def fence_end(lines: List[str], at: int):
    """The line that closes the fence that begins at `at`; None if none begins there."""
    opening = FENCE.match(lines[at])
    if not opening:
        return None
    ticks = opening.group(1)
    for index in range(at + 1, len(lines)):
        closing = FENCE.match(lines[index])
        if closing and closing.group(1).startswith(ticks) and not closing.group(2).strip():
            return index
    return len(lines) - 1


def block_end(lines: List[str], at: int, kind: str) -> int:
    """The end of the woven block that begins at `at`: a fence or a table, then a line in <sub>; each may be absent."""
    end = at
    if kind == "table":
        begin = after_blanks(lines, at)
        while begin < len(lines) and lines[begin].startswith("|"):
            begin = end = begin + 1
    elif at < len(lines) and fence_end(lines, at) is not None:
        end = fence_end(lines, at) + 1
    below = after_blanks(lines, end) if kind == "table" else end
    if end > at and below < len(lines) and lines[below].startswith("<sub>"):
        end = below + 1
    return end


def after_blanks(lines: List[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at

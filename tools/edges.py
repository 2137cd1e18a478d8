#!/usr/bin/env python3
"""edges: every named edge of memory ordering in the code has both its ends, and stands on the page about them.

    tools/edges.py            prints the edges, stage by stage, with the places of their ends
    tools/edges.py --check    prints only what is wrong; status 1 if anything is

An end is a line of code whose comment has the edge's name in brackets:

    bottom_.store(b + 1, std::memory_order_release);   // [publish] pairs with steal()

in include/ and src/ of a stage, or of a room of a stage (06-metrics/server). Names are small letters, '-' and blanks. The
comment at the head of a file may mention names; that makes no end. What is asked:

  * An edge has two ends in its stage or room. In place of the second, the comment of the one may say that it "pairs with
    itself", or "pairs with steal()", a function of that stage or room; or one of two edges that it "pairs with [prepare]".
  * What an end "pairs with" is there: the functions, in this stage or an earlier one; the edges, in this one.
  * The section 'What stage NN uses' of docs/memory-ordering.md names the edge, **so** in its table or *so* where an edge of
    an earlier stage is in this one as well. (For stage 01: whatever stands before the section of stage 02.)
  * Each edge in such a table has an end in the code of that stage.

EXCUSED holds what is known to be otherwise, and why. An excuse that is not needed is an error as well.
"""
import argparse
import re
import sys
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Set

from weave_lib.problem import Problem, near

PAGE = "docs/memory-ordering.md"
NAME = r"[a-z]+(?:[- ][a-z]+)*"
MARK = re.compile(rf"(?<![\w\])])\[({NAME})\](?!\(|\s*\{{)")  # no subscript, no link, no lambda in an example
OTHERS = re.compile(rf"pairs with (?:(?:, | and )?\[{NAME}\])+")  # these are no ends of this line
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
SECTION = re.compile(r"^## What stage (\d\d) uses$", re.M)
HERE = "its other end has no mark yet"

EXCUSED: Dict[str, Dict[str, str]] = {
    "01-basic-pool": {
        "ended": "one lock: its unlock by the first caller, its lock by the second",
        "number": "one lock, in the constructor and in the destructor: " + HERE,
        "result": "the other end is in the standard library: get() and wait() of the future",
    },
    "02-bounded-queue": {
        "close": "a visit's lock and unlock are the two ends of all that travels by it: " + HERE,
        "ended": "as in stage 01",
    },
    "03-priority": {
        "asked": "the lock of whoever looks at the reason: " + HERE,
        "counted": "counters with the default order, read and written in many places: no mark at all yet",
        "settled": "one exchange is both ends, that of the first and that of the second",
    },
    "04-stealing": {
        "ended": "as in stage 01",
        "found": "an order in one thread, first the count and then the look: see PARKING.md",
        "shares": "one decrement is both ends: all but the last, and the last",
    },
    "05-autoscale": {
        "end": "the end of the function that a thread was made of",
        "start": "the beginning of the function that a thread was made of",
    },
    "06-metrics/cluster": {
        "started": "a status sent to another machine: its other end is in the ledger of the executor there",
    },
    "06-metrics/flow": {
        "culprit": "one exchange decides who names the reason, and nothing travels on it",
    },
}


class End(NamedTuple):
    name: str
    file: str
    line: int
    note: str  # the comment from the name on, with the lines of comment below it


class Unit:
    """A stage, or a room of a stage: its ends, and its code without comments."""

    def __init__(self, root: Path, folder: Path):
        self.name = folder.relative_to(root).as_posix()
        self.stage = self.name[:2]
        self.ends: List[End] = []
        self.code = ""
        for part in ("include", "src"):
            for path in sorted((folder / part).rglob("*")):
                if path.suffix in (".hpp", ".cpp", ".h"):
                    self._read(path, path.relative_to(root).as_posix())

    def _read(self, path: Path, file: str):
        lines = path.read_text(encoding="utf-8").splitlines()
        parts = [split(line) for line in lines]
        begun = False
        for at, (code, comment) in enumerate(parts):
            begun = begun or bool(code)
            self.code += code + "\n"
            if not begun or comment.startswith("#"):  # the head of the file; a marker of a region
                continue
            said = [range(*other.span()) for other in OTHERS.finditer(comment)]
            for mark in MARK.finditer(comment):
                if any(mark.start() in each for each in said):
                    continue
                below = at + 1
                while below < len(parts) and not parts[below][0] and parts[below][1] and not MARK.search(parts[below][1]):
                    below += 1
                note = " ".join([comment[mark.end():], *(text for _, text in parts[at + 1:below])])
                self.ends.append(End(mark[1], file, at + 1, note))

    def edges(self) -> Dict[str, List[End]]:
        found: Dict[str, List[End]] = {}
        for end in self.ends:
            found.setdefault(end.name, []).append(end)
        return found


def split(line: str):
    """The code and the comment of a line. (The course has no other comments than these, and no // in raw strings.)"""
    code, _, comment = STRING.sub(lambda text: '"' + "_" * (len(text[0]) - 2) + '"', line).partition("//")
    return code.strip(), line[len(line) - len(comment):].strip() if comment else ""


def units(root: Path) -> List[Unit]:
    """The stages and rooms that have code, in the order of the course."""
    found = []
    for stage in sorted(root.glob("[0-9][0-9]-*")):
        for folder in [stage, *sorted(path for path in stage.iterdir() if path.is_dir())]:
            if (folder / "include").is_dir() or (folder / "src").is_dir():
                found.append(Unit(root, folder))
    return found


class Listed(NamedTuple):
    rows: Dict[str, int]  # in the first column of a table of edges: the line
    named: Set[str]       # anywhere in the section, bold or slanted


def listed(text: str) -> Dict[str, Listed]:
    """What the page says of each stage."""
    heads = [head for head in SECTION.finditer(text) if head[1] != "01"]
    starts = {"01": 0, **{head[1]: head.start() for head in heads}}
    found = {}
    for stage, start in starts.items():
        after = [head.start() for head in heads if head.start() > start]
        if stage != "01":  # a section ends at the next heading of its kind, whatever that is about
            after += [head.start() for head in re.finditer(r"^## ", text, re.M) if head.start() > start]
        section = text[start:min(after, default=len(text))]
        rows: Dict[str, int] = {}
        in_table = False
        for at, line in enumerate(section.splitlines(), start=text.count("\n", 0, start) + 1):
            in_table = line.startswith("| Edge |") or (in_table and line.startswith("|"))
            if in_table:
                for name in re.findall(r"\*\*(.+?)\*\*", line.split("|")[1]):
                    rows.setdefault(name, at)
        named = re.findall(rf"(?<!\*)\*{{1,2}}({NAME})\*{{1,2}}(?!\*)", re.sub(r"\s*\n\s*", " ", section))
        found[stage] = Listed(rows, {*rows, *named})
    return found


def partners(end: End) -> str:
    """What the end says that it pairs with, up to the end of that sentence."""
    _, said, rest = end.note.partition("pairs with ")
    return re.split(r"[;:.](?:\s|$)", rest)[0] if said else ""


def unpaired(unit: Unit, below: str) -> Iterator[Problem]:
    """Ends without another end. `below`: the code of this unit and those before it."""
    edges = unit.edges()
    pairs = [{end.name, other} for end in unit.ends for other in MARK.findall(partners(end)) if other in edges]
    for name, ends in edges.items():
        functions = set()
        for end in ends:
            said = partners(end)
            functions |= set(re.findall(r"(\w+)\(\)", said))
            for function in sorted(set(re.findall(r"(\w+)\(\)", said))):
                if not re.search(rf"\b{function}\(", below) and name not in EXCUSED.get(unit.name, {}):
                    yield Problem(end.file, end.line, f"[{name}] pairs with {function}(), and there is no such function")
            for other in sorted(set(MARK.findall(said)) - set(edges)):
                hint = near(other, edges, False)
                yield Problem(end.file, end.line, f"[{name}] pairs with [{other}], and no line has that{hint}")
        itself = any("pairs with itself" in end.note for end in ends)
        here = [function for function in functions if re.search(rf"\b{function}\(", unit.code)]
        other = any(name in pair and len(pair) == 2 for pair in pairs)
        if len(ends) == 1 and not itself and not here and not other:
            if name not in EXCUSED.get(unit.name, {}):
                end = ends[0]
                yield Problem(end.file, end.line, f"[{name}] has one end only in {unit.name}; mark the other one, or say "
                                                  "what this one pairs with")


def unlisted(found: List[Unit], pages: Dict[str, Listed], text: str) -> Iterator[Problem]:
    """Edges that the page does not name, and names on the page that no line of code has."""
    for unit in found:
        page = pages.get(unit.stage)
        if page is None:
            if unit.ends:
                yield Problem(PAGE, 1, f"there is no section 'What stage {unit.stage} uses', and {unit.name} has the edges "
                              + ", ".join(sorted(unit.edges())))
            continue
        for name, ends in unit.edges().items():
            if name not in page.named:
                yield Problem(ends[0].file, ends[0].line, f"[{name}] is not in 'What stage {unit.stage} uses' of {PAGE}; "
                              f"give it a row '| **{name}** | … |', or say in which earlier stage it is described")
    for stage, page in pages.items():
        here = [unit for unit in found if unit.stage == stage]
        names = {end.name for unit in here for end in unit.ends}
        for name, line in page.rows.items():
            if name not in names and not any(name in EXCUSED.get(unit.name, {}) for unit in here):
                yield Problem(PAGE, line, f"no line of stage {stage} has the mark [{name}]{near(name, names, False)}")


def not_excused(found: List[Unit], pages: Dict[str, Listed]) -> Iterator[Problem]:
    """Excuses for what is in order by now."""
    for unit in found:
        edges = unit.edges()
        code = "".join(each.code for each in found if each.stage <= unit.stage)
        for name, why in EXCUSED.get(unit.name, {}).items():
            alone = Unit.__new__(Unit)
            alone.name, alone.stage, alone.code, alone.ends = "", unit.stage, unit.code, edges.get(name, [])
            row = name in pages.get(unit.stage, Listed({}, set())).rows
            if (alone.ends and not list(unpaired(alone, code))) or (not alone.ends and not row):
                yield Problem("tools/edges.py", 1, f"[{name}] of {unit.name} needs no excuse any more ({why})")


def main() -> int:
    usage = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usage.add_argument("--check", action="store_true", help="print only what is wrong")
    usage.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help=argparse.SUPPRESS)
    arguments = usage.parse_args()
    root = arguments.root.resolve()
    found = units(root)
    text = (root / PAGE).read_text(encoding="utf-8")
    pages = listed(text)
    problems: List[Problem] = []
    below = ""
    for unit in found:
        below += unit.code
        problems += unpaired(unit, below)
        if not arguments.check:
            print(unit.name)
            for name, ends in sorted(unit.edges().items()):
                print(f"  {name:12} " + ", ".join(f"{Path(end.file).name}:{end.line}" for end in ends))
    problems += unlisted(found, pages, text)
    problems += not_excused(found, pages)
    for problem in sorted(set(problems)):
        print(problem, file=sys.stderr)
    edges = sum(len(unit.edges()) for unit in found)
    print(f"{edges} edges with {sum(len(unit.ends) for unit in found)} ends in {len(found)} stages and rooms, "
          f"{len(set(problems))} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

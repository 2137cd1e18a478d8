#!/usr/bin/env python3
"""Weaves listings, recorded output, stage diffs and benchmark tables into the Markdown pages.

    tools/weave.py [PAGE…]              fill the blocks of these pages; without a name, of all
    tools/weave.py --check [PAGE…]      write nothing; status 1 and a short diff where a page is stale
    tools/weave.py --check --run        also run the commands again whose recordings are marked stable
    tools/weave.py --record [NAME…]     run commands of docs/recorded/commands.toml and rewrite their recordings

Checked along the way: regions (unknown, unused, twice, not ended), listings too long for a chapter, links and anchors.
A page is every .md file of the repository that git would track. What can stand in a page: tools/weave_lib/pages.py.
"""
import argparse
import difflib
import os
import sys
from pathlib import Path
from typing import List

from weave_lib import recordings
from weave_lib.links import Links
from weave_lib.pages import Weaver
from weave_lib.problem import Problem, WeaveError, near
from weave_lib.sources import MARKER, Library

SKIPPED = {"build", "my", "node_modules", "__pycache__"}
SHOWN_SOURCES = ("include", "src", "demo", "solution")  # a region in these folders is there for a page


def walk(root: Path, suffixes) -> List[str]:
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        found += [os.path.relpath(os.path.join(folder, name), root)
                  for name in sorted(files) if name.endswith(suffixes)]
    return found


def unused_regions(library: Library, used) -> List[Problem]:
    problems = []
    for path in walk(library.root, (".hpp", ".cpp", ".h")):
        if not set(Path(path).parts[:-1]).intersection(SHOWN_SOURCES) or "#region" not in library.text(path):
            continue
        source = library.source(path)
        for name, region in source.regions.items():
            if (path, name) not in used:
                problems.append(Problem(path, region.first - 1, f"no page shows region '{name}'; show it or remove its "
                                        "markers"))
    return problems


def marker_problems(library: Library) -> List[Problem]:
    problems = []
    for path in walk(library.root, (".hpp", ".cpp", ".h", ".py", ".sh", ".cmake", "CMakeLists.txt")):
        if path.startswith("tools" + os.sep):
            continue  # the tools talk about markers and their tests make wrong ones
        if any(MARKER.match(line) for line in library.text(path).splitlines()):
            problems += library.source(path).problems
    return problems


def changes(page: str, old: str, new: str) -> List[str]:
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), f"{page} (as it is)", f"{page} (woven)",
                                      n=1, lineterm=""))
    return lines[:30] + ([f"… and {len(lines) - 30} more lines"] if len(lines) > 30 else [])


def weave(root: Path, names: List[str], check: bool, run: bool) -> int:
    library = Library(root)
    weaver, links = Weaver(library), Links(root)
    problems: List[Problem] = []
    stale = written = 0
    everything = walk(root, (".md",))
    pages = [os.path.relpath(Path(name).resolve(), root) for name in names] or everything
    for page in pages:
        old = library.text(page)
        new = weaver.weave(page, old) if "<!--" in old else old
        problems += links.check(page, new)
        if new == old:
            continue
        if check:
            stale += 1
            print("\n".join(changes(page, old, new)))
            problems.append(Problem(page, 1, "is stale; run tools/weave.py and commit what it writes"))
        else:
            written += 1
            (root / page).write_text(new, encoding="utf-8")
            print(f"wrote {page}")
    problems += weaver.problems + marker_problems(library)
    if not names:
        problems += unused_regions(library, weaver.used)
    if run:
        problems += rerun(root)
    for problem in sorted(set(problems)):
        print(problem, file=sys.stderr)
    print(f"{len(pages)} pages, {stale if check else written} {'stale' if check else 'written'}, "
          f"{len(set(problems))} problems")
    return 1 if problems else 0


def rerun(root: Path) -> List[Problem]:
    problems = []
    for name, entry in recordings.commands(root).items():
        file = f"{recordings.FOLDER}/{name}.txt"
        if not entry.get("stable"):
            continue
        print(f"running {entry['command']}", flush=True)
        try:
            new, old = recordings.record(root, entry), Library(root).text(file)
        except WeaveError as error:
            problems.append(Problem(file, 1, str(error)))
            continue
        if new != old:
            print("\n".join(changes(file, old, new)))
            problems.append(Problem(file, 1, f"the command prints something else now; tools/weave.py --record {name}"))
    return problems


def record(root: Path, names: List[str]) -> int:
    entries = recordings.commands(root)
    for name in names or entries:
        if name not in entries:
            raise WeaveError(f"{recordings.COMMANDS} has no [{name}]{near(name, entries)}")
        print(f"recording {name}: {entries[name]['command']}", flush=True)
        (root / recordings.FOLDER / f"{name}.txt").write_text(recordings.record(root, entries[name]), encoding="utf-8")
    return 0


def main() -> int:
    usage = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usage.add_argument("names", nargs="*", metavar="PAGE|NAME")
    usage.add_argument("--check", action="store_true", help="write nothing, fail where a page is stale")
    usage.add_argument("--run", action="store_true", help="with --check: run the commands of stable recordings again")
    usage.add_argument("--record", action="store_true", help="run the commands and rewrite the recordings")
    usage.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help=argparse.SUPPRESS)
    arguments = usage.parse_args()
    root = arguments.root.resolve()
    if arguments.run and not arguments.check:
        usage.error("--run goes with --check")
    try:
        if arguments.record:
            return record(root, arguments.names)
        return weave(root, arguments.names, arguments.check, arguments.run)
    except WeaveError as error:
        print(f"weave: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

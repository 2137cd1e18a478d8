"""How things look: colours where they are wanted, lines that fit the terminal, one line of progress on a terminal."""
import os
import re
import shutil
import sys
import textwrap
from typing import Iterable, List, Optional, Set

from .attempt import Row
from .timeline import fit
from .verdict import MEANING, SHOWN_LINES, Judgement, bounded

COLOURS = {"PASS": "32", "WRONG": "31", "TODO": "33", "RACE": "35", "HANG": "35", "CRASH": "31", "SLOW": "33",
           "bold": "1", "dim": "2"}
ITEM = re.compile(r"^(\s*)(?:[-*+]|\d+[.)])\s+")

COMMAND = re.compile(r"\./learn \w+( e\d\w*)?( --\w+)?")


class Screen:
    """Writes to stdout. `live`: a terminal, where a line may be written over."""

    def __init__(self):
        self.live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.coloured = self.live and "NO_COLOR" not in os.environ
        self._status = False                            # a passing line stands on the screen
        self._explained: Set[str] = set()               # verdicts, in this attempt
        self._last: Optional[Judgement] = None
        self._room: Optional[int] = None                # brief: so many lines for the first that does not pass

    @property
    def width(self) -> int:
        return width()

    @property
    def height(self) -> int:
        return shutil.get_terminal_size((80, 24)).lines

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if self.coloured else text

    def line(self, text: str = ""):
        self.clear_status()
        print(text, flush=True)

    def prose(self, text: str, indent: str = ""):
        """Wraps to the width of the terminal."""
        for line in wrapped(text, self.width, indent).split("\n"):
            self.line(line)

    def markdown(self, text: str):
        """A page, its paragraphs and lists wrapped to the width; headings, tables and fences as they are."""
        paragraph: List[str] = []
        fenced = False

        def flush():
            if paragraph:
                mark = ITEM.match(paragraph[0])
                hang = " " * len(mark.group(0)) if mark else ""
                self.lines(textwrap.wrap(" ".join(each.strip() for each in paragraph), self.width,
                                         initial_indent=mark.group(1) if mark else "",
                                         subsequent_indent=hang, break_long_words=False, break_on_hyphens=False))
                paragraph.clear()

        for line in text.rstrip().splitlines():
            fence = line.lstrip().startswith(("```", "~~~"))
            if fenced or fence or not line.strip() or line.startswith(("#", "|", "    ", "<")):
                flush()
                self.line(line)
                fenced = fenced != fence
            else:
                if ITEM.match(line):
                    flush()
                paragraph.append(line)
        flush()

    def status(self, text: str):
        """A passing line; on a terminal only."""
        if self.live:
            self.clear_status()
            print(self.paint(cut(f"  {text} …", self.width - 1), "dim"), end="", flush=True)
            self._status = True

    def clear_status(self):
        if self._status:
            print("\r\x1b[K", end="", flush=True)
            self._status = False

    def row(self, row: Row):
        """A test's verdict, with what led to it. What was just said is not said again."""
        if self._room is not None and row.verdict == "PASS":
            return
        where = {"thread": "ThreadSanitizer", "address": "AddressSanitizer"}.get(row.variant, "")
        right = f"{where}  {row.seconds:.1f} s".strip()
        room = max(8, self.width - 10 - len(right) - 1)
        name = cut_test(row.name, room)
        verdict = self.paint(f"{row.verdict:<5}", row.verdict)
        self.line(f"  {verdict}  {name.ljust(room)} {right}".rstrip())
        if row.judgement != self._last and (self._room is None or self._last is None):
            for text in fit(bounded(row.judgement.detail, self._room or SHOWN_LINES), self.width - 9):
                self.line(self._detail(text))
        if row.verdict not in self._explained and row.verdict != "PASS":
            self.prose(f"{row.verdict}: {MEANING[row.verdict]}. Read {row.judgement.link}", " " * 9)
            self._explained.add(row.verdict)
        self._last = row.judgement

    def begin(self, room: Optional[int] = None):
        """A new attempt: everything may be said again. With room for so many lines: only what does not pass, and of
        that the first in full, so that it stays on the screen."""
        self._room = room
        self._explained.clear()
        self._last = None

    def _detail(self, text: str) -> str:
        """One line of output, its own indentation kept where it has to be broken."""
        indent = " " * (9 + len(text) - len(text.lstrip()))
        return textwrap.fill(text.strip(), max(self.width, 40), initial_indent=indent, subsequent_indent=indent + "  ",
                             break_on_hyphens=False, break_long_words=False, replace_whitespace=False)

    def lines(self, lines: Iterable[str]):
        for line in lines:
            self.line(line)

    def bar(self, done: int, total: int) -> str:
        cells = max(5, min(30, self.width - 16))
        filled = cells * done // total if total else 0
        return f"[{'#' * filled}{'-' * (cells - filled)}] {done}/{total}"


def width() -> int:
    return max(20, min(shutil.get_terminal_size((80, 24)).columns, 120))


def wrapped(text: str, room: int, indent: str = "") -> str:
    """Each line of the text as a paragraph; a command stays on one line."""
    text = COMMAND.sub(lambda match: match.group(0).replace(" ", "\u00a0"), text)
    return "\n".join(textwrap.fill(line, room, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                                   break_on_hyphens=False) for line in text.split("\n")).replace("\u00a0", " ")


def cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[:max(room - 1, 1)] + "…"


def cut_test(name: str, room: int) -> str:
    """Of Suite.Test the suite's beginning is left out first, then the middle of the test: its ends tell it apart."""
    if len(name) <= room:
        return name
    test = name.rpartition(".")[2]
    if len(test) < room:
        return "…" + name[len(name) - room + 1:]
    end = (room - 1) // 2
    return test[:room - 1 - end] + "…" + test[len(test) - end:]


def seconds(value: float) -> str:
    return f"{value:.1f} s"

"""Source files as pages show them: whole, or by region.

A region lies between `// #region name` and `// #endregion name` (`# #region name` in Python, CMake and shell files).
Regions may be nested. What comes out has no marker lines and no common indentation.
"""
import re
import textwrap
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from .problem import Problem, WeaveError, near

MARKER = re.compile(r"^\s*(?://|#)\s*#(region|endregion)\b[ \t]*(\S*)[ \t]*(.*)$")
LANGUAGES = {".rs": "rust", ".hpp": "cpp", ".cpp": "cpp", ".h": "cpp", ".py": "python", ".sh": "sh", ".cmake": "cmake",
             ".toml": "toml", ".json": "json", ".yml": "yaml", ".yaml": "yaml", ".md": "markdown",
             ".patch": "diff", ".js": "js",
             ".css": "css", ".html": "html", ".pml": "promela"}


class Region(NamedTuple):
    first: int  # the first line shown, 1-based
    last: int


class Source:
    """One file's lines and regions; what is wrong with its markers is in `problems`."""

    def __init__(self, path: str, text: str):
        self.path = path
        self.lines: List[str] = text.splitlines()
        self.regions: Dict[str, Region] = {}
        self.problems: List[Problem] = []
        self._find_regions()

    def _find_regions(self):
        opened = []  # (name, line of the marker), innermost last
        for number, line in enumerate(self.lines, start=1):
            match = MARKER.match(line)
            if not match:
                continue
            kind, name, rest = match.groups()
            if not name or rest:
                self._complain(number, f"a region has one word as its name: write '#{kind} some-name'")
            elif kind == "region":
                if name in self.regions or name in (open_name for open_name, _ in opened):
                    self._complain(number, f"region '{name}' is here a second time; a name may be used once in a file")
                opened.append((name, number))
            elif not opened:
                self._complain(number, f"'#endregion {name}' ends a region that was never begun")
            else:
                begun, at = opened.pop()
                if begun != name:
                    self._complain(number, f"'#endregion {name}' stands where region '{begun}' (line {at}) should end")
                self.regions.setdefault(begun, Region(at + 1, number - 1))
        for name, at in opened:
            self._complain(at, f"region '{name}' is not ended; write '#endregion {name}' after its last line")

    def _complain(self, line: int, text: str):
        self.problems.append(Problem(self.path, line, text))

    def region(self, name: Optional[str]) -> Region:
        if name is None:
            return Region(1, len(self.lines))
        if name not in self.regions:
            raise WeaveError(f"no region '{name}' in {self.path}{near(name, self.regions)}")
        return self.regions[name]

    def listing(self, name: Optional[str]) -> List[str]:
        """The lines of a region (None: the whole file), ready for a fence."""
        first, last = self.region(name)
        lines = [line.rstrip() for line in self.lines[first - 1:last] if not MARKER.match(line)]
        lines = textwrap.dedent("\n".join(lines)).split("\n")
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        return lines


class Library:
    """The repository's files, each read once."""

    def __init__(self, root: Path):
        self.root = root
        self._sources: Dict[str, Source] = {}

    def source(self, path: str) -> Source:
        if path not in self._sources:
            self._sources[path] = Source(path, self.text(path))
        return self._sources[path]

    def text(self, path: str) -> str:
        file = self.root / path
        if not file.is_file():
            folder = file.parent
            beside = [item.name for item in folder.iterdir()] if folder.is_dir() else []
            where = "" if folder.is_dir() else f" (there is no folder {Path(path).parent} either)"
            raise WeaveError(f"no file {path}{where}{near(file.name, beside, listed=False)}")
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise WeaveError(f"{path} is not text in UTF-8") from None


def language(path: str) -> str:
    name = Path(path).name
    if name == "CMakeLists.txt":
        return "cmake"
    if name == "learn":
        return "sh"
    return LANGUAGES.get(Path(path).suffix, "text")

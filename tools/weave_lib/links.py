"""Links of the pages: files exist, anchors are headings (GitHub's rules) or an explicit id, lines are there.

Only links inside the repository are looked at; the network is not asked.
"""
import os
import re
from pathlib import Path
from typing import Dict, Iterable, List, Set, Tuple
from urllib.parse import unquote

from .pages import fence_end
from .problem import Problem, near

INLINE = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]*)>?(?:\s+[\"'(][^)]*)?\s*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]^]+\]:\s*<?(\S+?)>?(?:\s|$)")
HTML = re.compile(r"<(?:a|img|source|video)\b[^>]*?\b(?:href|src)\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
IDENTIFIER = re.compile(r"<[a-z]\w*\b[^>]*?\b(?:id|name)\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
LINES = re.compile(r"^L(\d+)(?:-L(\d+))?$")


class Links:
    def __init__(self, root: Path):
        self.root = root.resolve()
        self._anchors: Dict[Path, Set[str]] = {}

    def check(self, page: str, text: str) -> List[Problem]:
        """What is wrong with the links of one page."""
        found = []
        here = self.root / page
        self._anchors[here] = anchors(text)
        for line, target in targets(text):
            wrong = self._wrong(here, target)
            if wrong:
                found.append(Problem(page, line, wrong))
        return found

    def _wrong(self, here: Path, target: str) -> str:
        if ELSEWHERE.match(target) or target.startswith("//"):
            return ""
        if target.startswith("/"):
            return f"the link '{target}' begins with '/'; write it relative to this page, so that it works everywhere"
        path, _, anchor = unquote(target).partition("#")
        file = here if not path else Path(os.path.normpath(here.parent / path))
        if not file.is_relative_to(self.root):
            return f"the link '{target}' leads to {file}, outside of the repository"
        if not file.exists():
            beside = [item.name for item in file.parent.iterdir()] if file.parent.is_dir() else []
            meant = near(file.name, beside, listed=False)
            return f"the link '{target}' leads nowhere: there is no {self._shown(file)}{meant}"
        if not anchor:
            return ""
        lines = LINES.match(anchor)
        if lines and file.suffix != ".md":
            count = len(file.read_text(encoding="utf-8", errors="replace").splitlines())
            last = max(int(number) for number in lines.groups() if number)
            return "" if last <= count else f"the link '{target}' asks for line {last}, and the file has {count}"
        if file.suffix != ".md":
            return ""
        known = self._anchors.get(file)
        if known is None:
            known = self._anchors[file] = anchors(file.read_text(encoding="utf-8"))
        if anchor in known:
            return ""
        return f"the link '{target}' names no heading of {self._shown(file)}{near(anchor, known)}"

    def _shown(self, file: Path) -> str:
        return str(file.relative_to(self.root))


def prose(text: str) -> Iterable[Tuple[int, str]]:
    """The lines outside of fences, with their numbers; code spans are blanked."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        end = fence_end(lines, at)
        if end is None:
            yield at + 1, lines[at]
            at += 1
        else:
            at = end + 1


def targets(text: str) -> Iterable[Tuple[int, str]]:
    for number, line in prose(text):
        line = CODE.sub("", line)
        for pattern in (INLINE, HTML):
            for match in pattern.finditer(line):
                yield number, match.group(1)
        for image in re.finditer(r"\[!\[[^\]]*\]\(([^)\s]*)[^)]*\)\]", line):  # a picture that is a link
            yield number, image.group(1)
        reference = REFERENCE.match(line)
        if reference:
            yield number, reference.group(1)


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    heading = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    heading = re.sub(r"<[^>]*>", "", heading)
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(text: str) -> Set[str]:
    found: Set[str] = set()
    for _, line in prose(text):
        found.update(IDENTIFIER.findall(line))
        match = HEADING.match(line)
        if match:
            base = name = slug(match.group(1))
            count = 0
            while name in found:
                count += 1
                name = f"{base}-{count}"
            found.add(name)
    return found

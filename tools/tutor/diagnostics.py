"""What the compiler said, as a learner can read it: the first error with its lines; the rest, noise mostly, counted."""
import re
from typing import List

START = re.compile(r"^[^\s:][^:]*:\d+(?::\d+)?: (?P<kind>fatal error|error|warning)")
LEAD = re.compile(r"^(In file included from|\s+from )|: In (member |static |lambda )?(function|instantiation|"
                  r"substitution|constructor|destructor)|: At global scope:|^\S+: In |required from")
LINKER = re.compile(r"(undefined reference to .*|multiple definition of .*)$")
LINES = 14


def readable(said: str) -> List[str]:
    blocks = errors(said)
    if not blocks:
        linked = list(dict.fromkeys(match.group(1) for match in map(LINKER.search, said.splitlines()) if match))
        if linked:
            return ["The parts compile, but do not fit together:"] + [f"  {line}" for line in linked[:8]]
        return said.strip().splitlines()[:30]
    first, more = blocks[0], len(blocks[0]) - LINES
    lines = first[:LINES] + ([f"  … {more} more lines"] if more > 0 else [])
    if others := len(blocks) - 1:
        lines.append(f"… and {others} more error{'s' if others > 1 else ''}; the first is the one to mend first.")
    return lines


def errors(said: str) -> List[List[str]]:
    """Each error with the lines that belong to it; what led there ("required from") stands after it."""
    blocks: List[List[str]] = []
    current, lead = None, []
    for line in said.splitlines():
        start = START.match(line)
        if start and "error" in start.group("kind"):
            current = [line] + [f"  {each.strip()}" for each in lead if "required from" in each]
            blocks.append(current)
            lead = []
        elif start:
            current, lead = None, []
        elif LEAD.search(line):
            lead.append(line)
        elif current is not None and line.strip():
            current.append(line)
    return [block for block in blocks if block]

"""A sanitizer's report, cut to what a learner can use: what happened, and where in the course's or the learner's files.

Frames of libraries are left out, with the sections that only make sense to the sanitizer. The whole of it stays in the
output file that `try` names.
"""
import re
from typing import List

FRAME = re.compile(r"^(\s*)#\d+ (?:0x[0-9a-f]+ in )?(?P<what>.*?)\s*(?P<module>\([^()]*\+0x[0-9a-f]+\))?"
                   r"(?:\s*\(BuildId:.*\))?$")
PLACE = re.compile(r"^(?P<function>.*?)\s+(?P<place>\S+:\d+)(?::\d+)?$")
SECTION = re.compile(r"^\s{0,4}\S.*:$|^\s*(WARNING: |.*ERROR: |Location is|SUMMARY|=+$|Shadow|HINT)")
DROPPED = re.compile(r"^\s*(As if synchronized|Location is|Mutex M\d+ .*created|SUMMARY|=+$|Shadow|HINT|Hint|"
                     r"\s*0x[0-9a-f]+: |=>0x|Addressable|Partially|Heap |Stack |Global |Container |Array |Intra |ASan |"
                     r"Left |Right |Freed |Poisoned |User |Address 0x|This frame|Legend)|==ABORTING")


def shortened(lines: List[str]) -> List[str]:
    out: List[str] = []
    dropping = False
    for line in lines:
        frame = FRAME.match(line) if line.lstrip().startswith("#") else None
        if frame:
            place = PLACE.match(frame.group("what"))
            if place and not dropping and is_own(place.group("place")):
                out.append(f"{frame.group(1)}{place.group('place')}  {name(place.group('function'))}")
            continue
        dropping = bool(DROPPED.match(line)) or (dropping and not SECTION.match(line))
        if not dropping and (line.strip() or (out and out[-1].strip())):
            out.append(re.sub(r"\s*\(pid=\d+\)|^==\d+==\s*", "", line))
    return out


def is_own(place: str) -> bool:
    """The compiler was given relative paths, so a relative path is one of the repository; not its test tools'."""
    return not place.startswith(("/", "./", "../", "<")) and "testing/pool/testing/" not in place


def name(function: str) -> str:
    """Without template arguments and parameters."""
    if function.startswith("operator()") or "::operator()" in function:
        return "(a lambda)"
    while True:
        fewer = re.sub(r"<[^<>]*>|\([^()]*\)( const)?", "", function)
        if fewer == function:
            return function
        function = fewer

"""Program output as pages show it: recorded once, compared for ever.

docs/recorded/commands.toml names the commands; docs/recorded/<name>.txt holds `$ command` and what it printed.

    [01-run]
    command = "./learn run 01"
    stable = true                                    # `--check --run` runs it again and compares; default: false
    status = 0                                       # the exit status it must have; default: 0
    timeout = 120                                    # seconds; default: 120
    normalise = [["[0-9.]+ ms", "N ms"]]             # pattern, replacement: what differs from run to run
"""
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Dict, List

from .problem import WeaveError, near

FOLDER = "docs/recorded"
COMMANDS = f"{FOLDER}/commands.toml"
FIELDS = {"command", "stable", "status", "timeout", "normalise"}
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def commands(root: Path) -> Dict[str, dict]:
    file = root / COMMANDS
    if not file.is_file():
        return {}
    try:
        import tomllib
    except ImportError:
        raise WeaveError(f"{COMMANDS} needs Python 3.11 or newer to be read (tomllib)") from None
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WeaveError(f"{COMMANDS}: {error}") from None
    for name, entry in entries.items():
        if not isinstance(entry, dict) or "command" not in entry:
            raise WeaveError(f"{COMMANDS}: [{name}] needs a line command = \"…\"")
        for unknown in entry.keys() - FIELDS:
            raise WeaveError(f"{COMMANDS}: [{name}] has an unknown field '{unknown}'{near(unknown, FIELDS)}")
    return entries


def shown(path: str, text: str, entries: Dict[str, dict]) -> List[str]:
    """The lines of a recording, after a check that it is the recording of the command that commands.toml names."""
    name = Path(path).stem
    if name not in entries:
        raise WeaveError(f"{COMMANDS} does not say how {path} is made; add [{name}]{near(name, entries)}")
    lines = text.splitlines()
    prompt = f"$ {entries[name]['command']}"
    if not lines or lines[0] != prompt:
        raise WeaveError(f"{path} was recorded from another command than '{prompt}'; tools/weave.py --record {name}")
    return lines


def record(root: Path, entry: dict) -> str:
    """Runs the command in the repository's root and returns what its file should hold."""
    environment = dict(os.environ, NO_COLOR="1", COLUMNS="80", LC_ALL="C.UTF-8")
    limit = entry.get("timeout", 120)
    child = subprocess.Popen(entry["command"], shell=True, cwd=root, env=environment, start_new_session=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise WeaveError(f"'{entry['command']}' did not end in {limit} s") from None
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
    text = ANSI.sub("", output.decode("utf-8", "replace"))
    if child.returncode != entry.get("status", 0):
        tail = "\n".join(text.splitlines()[-10:])
        raise WeaveError(f"'{entry['command']}' ended with status {child.returncode}, "
                         f"not {entry.get('status', 0)}:\n{tail}")
    for pattern, replacement in entry.get("normalise", []):
        text = re.sub(pattern, replacement, text)
    lines = [f"$ {entry['command']}"] + [line.rstrip() for line in text.rstrip().splitlines()]
    return "\n".join(lines) + "\n"

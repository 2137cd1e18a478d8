"""tidy: clang-tidy over every source file of a build, several at a time.

    tidy.py BUILD_FOLDER JOBS

Prints what clang-tidy finds and closes with `N passed, N failed`, a file each. A file that was clean is not looked at
again until it, a header of the project that it includes, its flags or .clang-tidy change: clang-tidy takes many seconds
for a file that includes GoogleTest. What was clean is remembered in the user's cache folder.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "poolcraft-tidy"


def key(command):
    """A hash of all that the verdict depends on: the sources that the compiler would read, except the system's."""
    words = shlex.split(command["command"])
    flags = [w for w in words[1:] if w not in ("-c", "-o") and not w.endswith((".o", ".cpp"))]
    made = subprocess.run([words[0], *flags, "-MM", command["file"]], capture_output=True, text=True, cwd=command["directory"],
                          check=True).stdout
    digest = hashlib.sha256(" ".join(flags).replace(str(ROOT), "").encode())
    digest.update((ROOT / ".clang-tidy").read_bytes())
    digest.update(subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout)
    for file in made.replace("\\\n", " ").split()[1:]:
        digest.update((pathlib.Path(command["directory"]) / file).read_bytes())
    return digest.hexdigest()


def tidy(build, command):
    clean = CACHE / key(command)
    if clean.exists():
        return 0, ""
    run = subprocess.run(["clang-tidy", "--quiet", "-p", build, command["file"]], capture_output=True, text=True, cwd=ROOT,
                         check=False)
    if run.returncode == 0:
        clean.touch()
    return run.returncode, run.stdout


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    build, jobs = sys.argv[1], int(sys.argv[2])
    CACHE.mkdir(parents=True, exist_ok=True)
    listed = json.loads((ROOT / build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = list({command["file"]: command for command in listed}.values())
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for status, output in pool.map(lambda command: tidy(build, command), commands):
            if status != 0:
                failed += 1
                print(output)
    print(f"{len(commands) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()

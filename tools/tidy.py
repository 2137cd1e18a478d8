"""tidy: clang-tidy over every source file of the build in the given folder, several at a time.

    tidy.py BUILD_FOLDER JOBS

Prints what clang-tidy finds and closes with `N passed, N failed`, a file each.
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def tidy(build, file):
    run = subprocess.run(["clang-tidy", "--quiet", "-p", build, file], capture_output=True, text=True, cwd=ROOT, check=False)
    return run.returncode, run.stdout


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    build, jobs = sys.argv[1], int(sys.argv[2])
    commands = json.loads((ROOT / build / "compile_commands.json").read_text(encoding="utf-8"))
    files = sorted({command["file"] for command in commands})
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for status, output in pool.map(lambda file: tidy(build, file), files):
            if status != 0:
                failed += 1
                print(output)
    print(f"{len(files) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()

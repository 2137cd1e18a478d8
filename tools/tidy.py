"""tidy: clang-tidy over every source file of a build, several at a time.

    tidy.py [--all | --changed | --remember] BUILD_FOLDER JOBS

Prints what clang-tidy finds and closes with `N passed, N failed`, a file each. A file that was clean is not looked at
again, but for some, until it, a header of ours that it includes, its flags or .clang-tidy change: clang-tidy takes many
seconds for a file that includes GoogleTest. remembered.py says what the options are for.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

from remembered import OPTIONS, Record, Sources

ROOT = pathlib.Path(os.environ.get("POOL_TIDY_ROOT", pathlib.Path(__file__).resolve().parent.parent))
SHARE = 10  # so many of the files that are remembered are looked at all the same


def flags(command):
    """Those of a compile command, without what differs between two working copies, or with and without ccache."""
    words = shlex.split(command["command"].replace(str(ROOT), "."))
    while words and not words[0].startswith("-"):
        del words[0]
    return words


def tidy(build, file):
    run = subprocess.run(["clang-tidy", "--quiet", "-p", build, file], capture_output=True, text=True, cwd=ROOT, check=False)
    return run.returncode, run.stdout


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("build", metavar="BUILD_FOLDER")
    arguments.add_argument("jobs", metavar="JOBS", type=int)
    for option in OPTIONS:
        arguments.add_argument(option, action="store_const", const=option, dest="option")
    options = arguments.parse_args()

    made_with = {}  # a file -> the flags of each time that it is compiled
    for command in json.loads((ROOT / options.build / "compile_commands.json").read_text(encoding="utf-8")):
        made_with.setdefault(os.path.relpath(command["file"], ROOT), []).append(flags(command))
    sources = Sources(ROOT)
    keys = {file: sources.key([file, ".clang-tidy"], sorted(made_with[file])) for file in made_with}
    record = Record(ROOT, "tidy", keys)
    judged = sorted(record.choose(list(keys), options.option, SHARE))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for file, (status, output) in zip(judged, pool.map(lambda file: tidy(options.build, file), judged)):
            record.note(file, status == 0)
            if status != 0:
                failed += 1
                print(output)
    print(record.close(len(keys) - failed, failed, options.option))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()

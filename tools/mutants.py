#!/usr/bin/env python3
"""mutants: plants known bugs in the code, one at a time, and sees to it that the tests find each of them.

    mutants.py [--all | --changed | --remember] [--stage NN] [--jobs N]
    mutants.py NAME…
    mutants.py --list

A mutant is a patch in NN-stage/tests/mutants/, or in NN-stage/room/tests/mutants/, against the repository's root, that starts with

    # mutant: wait_without_predicate
    # why: one sentence
    # killed-by: basic_channel_explored_test Channel.CloseWakesEveryReceiver
    # ends-by: failure                          (or `hang`, or `crash`; `failure` when the line is missing)

It is applied to a copy of the stages. The named test must pass without it and fail with it: by a failed assertion or
the explorer's report, unless `ends-by` says otherwise. A patch that no longer applies or compiles is an error. Who lacks
a library that a room is built with has its mutants skipped, with a line that says so.

What was killed before and has not changed since is not tried again, but for some; remembered.py says what the options
are for. Who names a mutant has it tried. Objects are kept in build/mutants. The compiler is $CXX (or c++), through ccache
if there is one. The last line begins with `N passed, N failed`.
"""
import argparse
import concurrent.futures
import functools
import hashlib
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from remembered import OPTIONS, Record, Sources

ROOT = Path(os.environ.get("POOL_MUTANTS_ROOT", Path(__file__).resolve().parent.parent))
KEPT = ROOT / "build" / "mutants"
FLAGS = ["-std=c++20", "-pthread", "-fno-omit-frame-pointer"]  # the explorer follows them
TIME_LIMIT = 60  # seconds for one test, on a busy machine too; then its own watchdog ends it, and prints the stacks
HANG_LIMIT = 10  # … for one that is to hang
WATCHDOG_STATUS = 124
LIBRARIES = {  # what a CMakeLists.txt calls it -> a header of it, its package, and how it is linked if it is not all headers
    "Boost": ("boost/asio/awaitable.hpp", "libboost-dev", []),
    "CLI11": ("CLI/CLI.hpp", "libcli11-dev", []),
    "Gearman": ("libgearman-1.0/gearman.h", "libgearman-dev", ["-lgearman"]),
    "muparser": ("muParser.h", "libmuparser-dev", ["-lmuparser"]),
    "nlohmann_json": ("nlohmann/json.hpp", "nlohmann-json3-dev", []),
    "prometheus-cpp": ("prometheus/registry.h", "prometheus-cpp-dev", ["-lprometheus-cpp-core"]),
    "spdlog": ("spdlog/spdlog.h", "libspdlog-dev", ["-lspdlog", "-lfmt"]),
}
DEFINITIONS = {  # of a room's own sources, as its CMakeLists.txt has them
    "server": ["-DBOOST_ASIO_HAS_CO_AWAIT", "-DBOOST_ASIO_HAS_STD_COROUTINE", '-DPOOLCRAFT_VERSION="0"'],
}
ASSETS = "src/assets.cpp"  # which a room's embed.cmake makes of what is in dashboard/, and of openapi.json
SHARE = 0.03  # of the mutants that are remembered: so many are tried all the same


class Problem(Exception):
    """What is wrong with a mutant, in a sentence."""


def run(command, folder=None, **options):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **options)


class Mutant:
    """A patch and what its first lines say."""

    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.stage = path.parents[2]
        head = dict(re.findall(r"^# ([a-z-]+): (.*)$", self.text.split("\n--- ")[0], re.MULTILINE))
        self.name = head.get("mutant", "")
        self.why = head.get("why", "")
        self.ends_by = head.get("ends-by", "failure")
        self.program, _, self.test = head.get("killed-by", "").partition(" ")
        self.changed = set(re.findall(r"^\+\+\+ [^/]*/(\S+)", self.text, re.MULTILINE))
        self.number = path.relative_to(ROOT).parts[0][:2]
        self.label = f"{self.number} {path.stem}"

    def check_head(self):
        if self.name != self.path.stem:
            raise Problem(f"its first line must be '# mutant: {self.path.stem}'")
        if not self.why:
            raise Problem("it has no line '# why: …'")
        if not self.test:
            raise Problem("it has no line '# killed-by: program Suite.Test'")
        if self.ends_by not in ("failure", "hang", "crash"):
            raise Problem(f"ends-by is '{self.ends_by}', but can be failure, hang or crash")

    def source(self):
        """The file of the test program, from the stage's folder, and whether it is explored."""
        name = declared(self.stage)[0]
        prefix = f"{name}_" if name else ""
        if self.program.startswith(prefix):
            for folder in ("tests/explore", "tests"):
                file = self.stage / folder / f"{self.program.removeprefix(prefix)}.cpp"
                if file.exists():
                    return file.relative_to(ROOT), folder == "tests/explore"
        raise Problem(f"there is no file for the test program {self.program}")

    def key(self, sources):
        """Of all that it is tried with. One that is not even well described has none of these files: it will fail."""
        parts = [self.path.relative_to(ROOT).as_posix(), *self.changed]
        try:
            test, explored = self.source()
            parts += [file for file, _ in program_parts(sources, self.stage, test, explored)]
            parts += [str(test.with_name(file.name)) for file in (ROOT / test.parent).glob("*.txt")]  # which it may read
        except Problem:
            pass
        rooms = built_on(self.stage)
        parts += [file.relative_to(ROOT).as_posix() for room in rooms for file in embedded(room)]
        flags = [flag for room in rooms for flag in definitions_of(room)]
        return sources.key(parts, FLAGS, *([flags] if flags else []))


def declared(folder):
    """What its CMakeLists.txt says of a stage or a room: its name, the names that it uses, and libraries of others."""
    file = folder / "CMakeLists.txt"
    call = re.search(r"^\s*pool_stage\(([^)]*)\)", file.read_text(encoding="utf-8") if file.exists() else "", re.MULTILINE)
    said = {"": []}
    for word in call[1].split() if call else []:
        if re.fullmatch("[A-Z_]+", word):
            key = word
            said[key] = []
        else:
            said[key if len(said) > 1 else ""].append(word)
    return next(iter(said[""]), ""), said.get("USES", []), said.get("LINKS", [])


def built_on(stage):
    """The folders of a stage and those below it; for a room, also of the rooms that it uses."""
    top = ROOT / stage.relative_to(ROOT).parts[0]
    rooms = {declared(room)[0]: room for room in sorted(top.glob("*/")) if declared(room)[0]}
    used, left = [], [stage] if stage != top else []
    while left:
        room = left.pop()
        if room not in used:
            used.append(room)
            left += [rooms[name] for name in declared(room)[1] if name in rooms]
    return [each for each in sorted(ROOT.glob("[0-9][0-9]-*")) if each.name <= top.name] + sorted(used)


def libraries_of(stage):
    """Of LIBRARIES, what a room and those below it name."""
    names = {name.split("::")[0] for folder in built_on(stage) for name in declared(folder)[2]}
    return [LIBRARIES[name] for name in sorted(names & LIBRARIES.keys())]


def definitions_of(folder):
    return DEFINITIONS.get(declared(folder)[0], [])


def embedded(folder):
    """What a stage's or a room's ASSETS are made of; nothing if it has none."""
    maker = folder / "embed.cmake"
    return [maker, *sorted((folder / "dashboard").glob("*")), folder / "openapi.json"] if maker.exists() else []


def program_parts(sources, stage, test, explored):
    """The .cpp files of a test program, and whether each is compiled for the explorer. A stage's own source is one of them
    if the first of our headers that it includes is: that is the one that it implements."""
    below = {folder.relative_to(ROOT).as_posix() for folder in built_on(stage)}
    lies_in = re.compile(r"(.+?)/(src|testing/pool/testing|testing/pool/testing/explorer)/[^/]+\.cpp")
    every = sorted(each for files in sources.named.values() for each in files)
    found = {"src": [], "testing/pool/testing": [], "testing/pool/testing/explorer": []}
    for each in every:
        if (place := lies_in.fullmatch(each)) and place[1] in below:
            found[place[2]].append(each)
    tools, explorer = found["testing/pool/testing"], found["testing/pool/testing/explorer"]
    own = [each for each in sources.closure([str(test)]) if "/tests/" in each]
    if any(re.search(rb"^int main\(", sources.text(each), re.MULTILINE) for each in own):
        tools = [each for each in tools if not each.endswith("/main.cpp")]
    parts = [(str(test), explored), *((file, False) for file in tools)]
    parts += [(file, True) for file in explorer if explored]
    left = found["src"]
    more = [None]
    while more:
        seen = sources.closure(file for file, _ in parts)
        more = [file for file in left if sources.first_included(file) & seen]
        left = [file for file in left if file not in more]
        parts += [(file, explored) for file in more]
    return parts


class Tree:
    """A copy of the stages up to one: all that its tests are made of."""

    def __init__(self, folder, stage):
        self.folder = Path(folder)
        self.changed = set()  # the files that differ from the repository's, from its root
        self.stage = stage
        self.stages = [each.relative_to(ROOT) for each in built_on(stage)]
        for source in self.stages:
            for part in ("include", "src", "testing", "tests"):
                if (ROOT / source / part).is_dir():
                    shutil.copytree(ROOT / source / part, self.folder / source / part,
                                    ignore=shutil.ignore_patterns("node_modules"))
        self.assets = [self.make_assets(source) for source in self.stages if embedded(ROOT / source)]

    def make_assets(self, source):
        maker, *files = embedded(ROOT / source)
        made = source / ASSETS
        result = run(["cmake", f"-DFILES={';'.join(map(str, files))}", f"-DOUT={self.folder / made}", "-P", str(maker)])
        if result.returncode != 0:
            raise Problem(f"{made} cannot be made:\n{result.stderr}")
        return made

    def includes(self):
        folders = [f"{stage}/{part}" for stage in self.stages for part in ("include", "testing")]
        return [f"-I{folder}" for folder in folders if (self.folder / folder).is_dir()]


class Compiler:
    """Makes programs. An object is made once for each preprocessed text, whatever tree that came from."""

    def __init__(self, sources, jobs):
        self.sources = sources
        self.jobs = jobs
        self.unchanged = {}  # of unchanged trees: (source, explored) -> its object, the files it was made of
        self.command = shlex.split(os.environ.get("CXX", "c++"))
        if shutil.which("ccache") and Path(self.command[0]).name != "ccache":
            self.command.insert(0, "ccache")
        self.version = run([*self.command, "--version"]).stdout
        gtest = run(["pkg-config", "--libs", "gmock"]) if shutil.which("pkg-config") else None
        self.libraries = shlex.split(gtest.stdout) if gtest and gtest.returncode == 0 else ["-lgmock", "-lgtest"]
        self.there = functools.lru_cache(maxsize=None)(self.has_header)
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n", encoding="utf-8")

    def has_header(self, name):
        return run([*self.command, f"--include={name}", "-x", "c++", "-E", "/dev/null"]).returncode == 0

    def missing(self, stage):
        """The packages that a stage is built with, and that are not on this machine."""
        packages = [package for header, package, _ in libraries_of(stage) if not self.there(header)]
        return packages + ["cmake"] * (bool(embedded(stage)) and not shutil.which("cmake"))

    def compile(self, tree, source, explored):
        """The object of a source file. One that sees none of the tree's changes is not even preprocessed again."""
        made, seen = self.unchanged.get((source, explored), (None, set()))
        if made is None or seen & tree.changed:
            made, seen = self.compile_anew(tree, source, explored)
            if not tree.changed:
                self.unchanged[source, explored] = made, seen
        return made

    def compile_anew(self, tree, source, explored):
        # A test is compiled for each mutant and run once, the explorer is compiled once and runs in many: it alone is optimised.
        level = "-O1" if "/testing/" in source else "-O0"
        room = next(each for each in reversed(tree.stages) if Path(source).is_relative_to(each))  # rooms come last
        flags = [*FLAGS, level, *tree.includes(), *definitions_of(ROOT / room), *(["-DPOOL_EXPLORE"] if explored else [])]
        expanded = run([*self.command, *flags, "-E", source], tree.folder)
        if expanded.returncode != 0:
            raise Problem(f"{source} does not compile:\n{expanded.stderr}")
        key = hashlib.sha256("\0".join([self.version, *FLAGS, level, expanded.stdout]).encode()).hexdigest()
        made = KEPT / f"{key[:32]}.o"
        if not made.exists():
            with tempfile.NamedTemporaryFile(dir=KEPT, suffix=".tmp", delete=False) as unfinished:
                result = run([*self.command, *flags, "-c", source, "-o", unfinished.name], tree.folder)
            if result.returncode != 0:
                Path(unfinished.name).unlink(missing_ok=True)  # a compiler that fails may have removed it
                raise Problem(f"{source} does not compile:\n{result.stderr}")
            os.replace(unfinished.name, made)
        made.touch()
        return str(made), set(re.findall(r'^# \d+ "([^"<]+)"', expanded.stdout, re.MULTILINE))

    def build(self, tree, source, explored):
        """The program of a test file. What it is made of is what its key is made of: too little does not link."""
        program = tree.folder / source.stem
        parts = program_parts(self.sources, tree.stage, source, explored)
        parts += [(str(made), explored) for made in tree.assets]
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            objects = list(pool.map(lambda part: self.compile(tree, *part), parts))
        libraries = [*(flag for _, _, flags in libraries_of(tree.stage) for flag in flags), *self.libraries]
        result = run([*self.command, *FLAGS, *objects, *libraries, "-o", str(program)], tree.folder)
        if result.returncode != 0:
            raise Problem(f"{source} does not link (a stage's source has to begin with the header that it implements):\n"
                          f"{result.stderr}")
        return program

    def forget_old(self, most=400):
        for old in sorted(KEPT.glob("*.o"), key=lambda file: file.stat().st_mtime, reverse=True)[most:]:
            old.unlink()


def ending(program, test, limit=TIME_LIMIT):
    """How the test ends: passed, failure, hang, crash or missing; and what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GTEST_", "POOL_EXPLORE"))}
    environment["POOL_TEST_LIMIT"] = str(limit)
    try:
        result = run([str(program), f"--gtest_filter={test}"], program.parent, timeout=2 * limit, env=environment)
    except subprocess.TimeoutExpired:
        return "hang", ""
    output = result.stdout + result.stderr
    if result.returncode == WATCHDOG_STATUS:
        return "hang", output
    if f"[ RUN      ] {test}\n" not in output:
        return "missing", output
    if result.returncode == 0:
        return ("passed" if f"[       OK ] {test}" in output else "missing"), output  # skipped is as good as missing
    return ("failure" if f"[  FAILED  ] {test}" in output else "crash"), output


class Judge:
    """Tries mutants. What a test does without them is looked up once."""

    def __init__(self, compiler):
        self.compiler = compiler
        self.lock = threading.Lock()
        self.healthy = {}  # (stage, source, test) -> what is wrong with it without a mutant; None: nothing

    def judge(self, mutant):
        """What is wrong with a mutant (None: nothing)."""
        try:
            mutant.check_head()
            with tempfile.TemporaryDirectory() as folder:
                tree = Tree(folder, mutant.stage)
                self.expect_healthy(mutant, tree)
                self.expect_killed(mutant, tree)
        except Problem as problem:
            return str(problem)
        return None

    def expect_healthy(self, mutant, tree):
        with self.lock:  # the first one compiles what all need
            place = (mutant.stage, mutant.program, mutant.test)
            if place not in self.healthy:
                end, output = ending(self.compiler.build(tree, *mutant.source()), mutant.test)
                self.healthy[place] = None
                if end == "missing":
                    self.healthy[place] = f"{mutant.program} has no test {mutant.test} (or skips it)"
                elif end != "passed":
                    self.healthy[place] = f"{mutant.test} ends by {end} even without the mutant:\n{output}"
        if self.healthy[place]:
            raise Problem(self.healthy[place])

    def expect_killed(self, mutant, tree):
        patch = ["patch", "-p1", "--fuzz=0", "--batch", "--no-backup-if-mismatch", "-i", str(mutant.path)]
        applied = run(patch, tree.folder)
        if applied.returncode != 0:
            raise Problem(f"the patch no longer applies:\n{applied.stdout}{applied.stderr}")
        tree.changed = mutant.changed
        limit = HANG_LIMIT if mutant.ends_by == "hang" else TIME_LIMIT
        end, output = ending(self.compiler.build(tree, *mutant.source()), mutant.test, limit)
        if end == "passed":
            raise Problem(f"it survives: {mutant.test} passes with it")
        if end != mutant.ends_by:
            raise Problem(f"{mutant.test} should end by {mutant.ends_by}, but ends by {end}:\n{output}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", metavar="NAME")
    arguments.add_argument("--stage", metavar="NN")
    arguments.add_argument("--list", action="store_true")
    for option in OPTIONS:
        arguments.add_argument(option, action="store_const", const=option, dest="option")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = arguments.parse_args()

    patches = [file for where in ("", "*/") for file in ROOT.glob(f"[0-9][0-9]-*/{where}tests/mutants/*.patch")]
    every = [Mutant(path) for path in sorted(patches)]
    mutants = [mutant for mutant in every if mutant.number.startswith(options.stage or "")]
    unknown = set(options.names) - {mutant.path.stem for mutant in mutants}
    if unknown:
        sys.exit(f"mutants: there is no mutant {', '.join(sorted(unknown))}; --list shows all")
    if options.names:
        mutants = [mutant for mutant in mutants if mutant.path.stem in options.names]
    if options.list:
        for mutant in mutants:
            print(f"{mutant.label}: {mutant.why} ({mutant.program} {mutant.test})")
        return 0

    sources = Sources(ROOT)
    record = Record(ROOT, "mutants", {mutant.label: mutant.key(sources) for mutant in every})
    labels = [mutant.label for mutant in mutants]
    share = math.ceil(SHARE * len(labels))
    to_judge = record.choose(labels, options.option or ("--all" if options.names else None), share)
    compiler = Compiler(sources, max(1, options.jobs))
    judge = Judge(compiler)
    failed = 0
    judged = []
    for mutant in mutants:
        if mutant.label in to_judge:
            if missing := compiler.missing(mutant.stage):
                print(f"skipped {mutant.label}: there is no {', '.join(missing)}", flush=True)
            else:
                judged.append(mutant)
    skipped = len(to_judge) - len(judged)
    with concurrent.futures.ThreadPoolExecutor(compiler.jobs) as pool:
        for mutant, problem in zip(judged, pool.map(judge.judge, judged)):
            record.note(mutant.label, not problem)
            failed += bool(problem)
            print(f"FAILED {mutant.label}: {problem}" if problem else f"killed {mutant.label} ({mutant.test})", flush=True)
    compiler.forget_old()
    print(record.close(len(mutants) - failed - skipped, failed, options.option) + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

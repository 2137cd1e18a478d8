"""Compiles exercises by direct calls of the compiler, and keeps what did not change.

Objects lie in build/tutor/objects, named by a hash of the command; beside each a list of the project's files it was
made from, with their hashes: an object is used again only if all of them are the same. Several threads and
several tutors may build at once.
"""
import functools
import hashlib
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from . import process
from .catalogue import UsageError, first_stage

STANDARD = ["-std=c++20", "-g1", "-fno-omit-frame-pointer"]  # line numbers are enough, and take half the time of -g
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion"]
VARIANTS: Dict[str, List[str]] = {
    "plain": ["-O1"],
    # With -O1 these two take twice as long. A thread that ends itself unwinds with an exception that has no object, and
    # has to be caught by reference: no check of null references, then.
    "address": ["-O0", "-fsanitize=address,undefined", "-fno-sanitize=null", "-fno-sanitize-recover=all"],
    "thread": ["-O0", "-fsanitize=thread"],
}
COMPILE_LIMIT = 600.0  # seconds; a template that never ends must not freeze the tutor


class CompileError(Exception):
    """The compiler or linker refused; the text is what it said."""


class Program(NamedTuple):
    path: Path
    inputs: List[str]  # the project's files it was made from


class Builder:
    def __init__(self, root: Path, on_tick: Optional[Callable[[], None]] = None):
        self.root = root
        self.folder = root / "build" / "tutor"
        self.on_tick = on_tick
        self._locks: Dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._compiler: Optional[List[str]] = None
        self._version = ""

    def compiler(self) -> List[str]:
        with self._guard:
            if self._compiler is None:
                wanted = os.environ.get("CXX")
                found = next((name for name in ([wanted] if wanted else ["c++", "g++", "clang++"])
                              if shutil.which(name.split()[0])), None)
                if found is None:
                    which = f"CXX={wanted} was not found" if wanted else "No C++ compiler was found (c++, g++, clang++)"
                    raise UsageError(f"{which}. ./learn doctor says what to install.")
                self._version = subprocess.run(found.split() + ["--version"], capture_output=True, text=True,
                                               check=False).stdout.partition("\n")[0]
                self._compiler = found.split()
        return self._compiler

    def version(self) -> str:
        self.compiler()
        return self._version

    def program(self, sources: List[Path], includes: List[Path], variant: str, explore: bool,
                strict: bool = False) -> Program:
        """The program of these sources and the test tools. strict: a warning is an error."""
        flags = STANDARD + WARNINGS + VARIANTS[variant] + (["-DPOOL_EXPLORE"] if explore else [])
        flags += ["-Werror"] if strict else []
        flags += [f"-I{self._shown(folder)}" for folder in includes]
        objects = [self._object(source, flags) for source in sources]
        objects += [self._object(source, self._tool_flags(variant, explore)) for source in self.tools(explore)]
        return self._link(objects, variant)

    def tools(self, explore: bool) -> List[Path]:
        """The .cpp of the test tools lie in the first stage; what later stages add to them are headers."""
        tools = first_stage(self.root) / "testing" / "pool" / "testing"
        found = sorted(tools.glob("*.cpp"))
        return found + (sorted((tools / "explorer").glob("*.cpp")) if explore else [])

    def _tool_flags(self, variant: str, explore: bool) -> List[str]:
        folders = [first_stage(self.root) / name for name in ("testing", "include")]
        return (STANDARD + VARIANTS[variant] + (["-DPOOL_EXPLORE"] if explore else []) +
                [f"-I{self._shown(folder)}" for folder in folders])

    def _object(self, source: Path, flags: List[str]) -> Path:
        """The object file; its inputs are in the .json beside it."""
        command = self.compiler() + flags + [*googletest("--cflags"), "-c", self._shown(source)]
        key = digest([self._version] + command)
        out = self.folder / "objects" / f"{key}.o"
        with self._lock(key):
            if not self._fresh(out):
                self._compile(command, out, key)
        return out

    def _compile(self, command: List[str], out: Path, key: str):
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.parent / f"{key}.{os.getpid()}.part"
        listed = part.with_suffix(".d")
        cache = ["ccache"] if shutil.which("ccache") else []
        limit_errors = "-fmax-errors=20" if "clang" not in self._version else "-ferror-limit=20"
        try:
            self._run(cache + command + [limit_errors, "-MMD", "-MF", str(listed), "-o", str(part)])
            inputs = dependencies(listed.read_text())
            record = {name: file_digest(self.root / name) for name in inputs}
            os.replace(part, out)
            _write(out.with_suffix(".json"), json.dumps(record))
        finally:
            for leftover in (part, listed):
                leftover.unlink(missing_ok=True)

    def _link(self, objects: List[Path], variant: str) -> Program:
        inputs = sorted({name for each in objects for name in json.loads(each.with_suffix(".json").read_text())})
        stamp = digest([variant] + [str(each.name) + each.with_suffix(".json").read_text() for each in objects])
        out = self.folder / "programs" / stamp
        with self._lock(stamp):
            if not out.exists():
                out.parent.mkdir(parents=True, exist_ok=True)
                part = out.with_suffix(f".{os.getpid()}.part")
                try:
                    self._run(self.compiler() + STANDARD + VARIANTS[variant] + [str(each) for each in objects] +
                              ["-rdynamic", "-pthread", "-o", str(part), *googletest("--libs")])
                    os.replace(part, out)
                finally:
                    part.unlink(missing_ok=True)
        return Program(out, inputs)

    def _run(self, command: List[str]):
        environment = dict(os.environ, LC_ALL="C.UTF-8")
        result = process.run(command, self.root, COMPILE_LIMIT, environment, self.on_tick)
        if result.timed_out:
            raise CompileError(f"error: the compiler did not end in {COMPILE_LIMIT:.0f} s")
        if result.status != 0:
            raise CompileError(result.output)

    def _fresh(self, out: Path) -> bool:
        try:
            record = json.loads(out.with_suffix(".json").read_text())
        except (OSError, ValueError):
            return False
        return out.exists() and all(file_digest(self.root / name) == value for name, value in record.items())

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def _shown(self, path: Path) -> str:
        """Relative to the repository, as the compiler's messages and __FILE__ shall have it."""
        return os.path.relpath(path, self.root)


@functools.lru_cache(maxsize=None)
def googletest(flags: str) -> Tuple[str, ...]:
    """What the compiler ("--cflags") or the linker ("--libs") is told about GoogleTest."""
    if shutil.which("pkg-config"):
        for package in ("gmock_main", "gtest_main"):
            found = subprocess.run(["pkg-config", flags, package], capture_output=True, text=True, check=False)
            if found.returncode == 0:
                return tuple(found.stdout.split())
    return ("-lgmock_main", "-lgmock", "-lgtest") if flags == "--libs" else ()


def dependencies(text: str) -> List[str]:
    """The files of a make rule, as -MMD writes it."""
    _, _, names = text.replace("\\\n", " ").partition(":")
    return sorted({os.path.normpath(name.replace("\0", " ")) for name in names.replace("\\ ", "\0").split()})


def digest(parts: List[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def file_digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:24]
    except OSError:
        return "missing"


def _write(file: Path, text: str):
    part = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, file)

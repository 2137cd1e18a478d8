"""When tidy.py looks at a file, with a clang-tidy that complains of every file in which it reads BAD."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent / "tidy.py"
FAKE = """#!/bin/sh
for file; do :; done
if grep -n BAD "$file"; then exit 1; fi
"""


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("bin/clang-tidy", FAKE)
        (self.root / "bin/clang-tidy").chmod(0o755)
        self.write(".clang-tidy", "Checks: everything\n")
        self.write("01-toy/include/pool/a.hpp", "#pragma once\n")
        self.write("01-toy/src/a.cpp", "#include <pool/a.hpp>\n")
        self.write("01-toy/src/b.cpp", "int b;\n")
        self.commands("-O1")

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def commands(self, flag, launcher=""):
        listed = [{"file": str(self.root / f"01-toy/src/{name}.cpp"), "directory": str(self.root),
                   "command": f"{launcher}c++ {flag} -I{self.root}/01-toy/include -c x.cpp"} for name in "ab"]
        self.write("build/compile_commands.json", json.dumps(listed))

    def run_tool(self, *options):
        environment = {**os.environ, "POOL_TIDY_ROOT": str(self.root), "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        result = subprocess.run([sys.executable, str(TOOL), *options, "build", "2"], capture_output=True, text=True,
                                env=environment, check=False)
        self.assertEqual(result.stderr, "")
        return result.stdout.rstrip("\n")

    def expect_judged(self, count):
        self.assertEqual(self.run_tool("--changed"), f"2 passed, 0 failed; {2 - count} remembered, {count} judged")

    def test_a_file_is_looked_at_again_when_what_it_is_made_of_changes(self):
        self.assertEqual(self.run_tool(), "2 passed, 0 failed")
        self.expect_judged(0)
        self.write("01-toy/include/pool/a.hpp", "#pragma once\nint a;\n")
        self.expect_judged(1)
        self.commands("-O1", launcher="/usr/bin/ccache /usr/bin/")
        self.expect_judged(0)
        for change in (lambda: self.commands("-O2"), lambda: self.write(".clang-tidy", "Checks: all\n")):
            change()
            self.assertEqual(self.run_tool("--changed"), "2 passed, 0 failed")

    def test_what_is_found_is_found_until_it_is_mended(self):
        self.write("01-toy/src/b.cpp", "int BAD;\n")
        for _ in range(2):
            said = self.run_tool("--changed")
            self.assertIn("1:int BAD;", said)
            self.assertIn("1 passed, 1 failed", said)
        self.write("01-toy/src/b.cpp", "int b;\n")
        self.expect_judged(1)


if __name__ == "__main__":
    unittest.main()

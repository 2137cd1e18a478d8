"""What mutants.py says of good and bad patches, on a stage of three small files. Its test program has a main of its own,
which speaks GoogleTest's language, so it compiles in a moment."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent / "mutants.py"

HEADER = "#pragma once\n\ninline int answer() {\n  return 42;\n}\n"
TEST = r"""
#include <answer.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int, char** argv) {
  const char* name = argv[1] + std::strlen("--gtest_filter=");
  if (std::strcmp(name, "Answer.IsRight") != 0) return 0;
  std::printf("[ RUN      ] %s\n", name);
  std::fflush(stdout);
  if (answer() == 13) std::abort();
  if (answer() == 99) std::_Exit(124);
  std::printf(answer() == 42 ? "[       OK ] %s\n" : "[  FAILED  ] %s\n", name);
  return answer() == 42 ? 0 : 1;
}
"""


def patch(name, line, before="  return 42;", test="Answer.IsRight", extra=""):
    return (f"# mutant: {name}\n# why: to see what happens.\n# killed-by: toy_answer_test {test}\n{extra}"
            "--- a/01-toy/include/answer.hpp\n+++ b/01-toy/include/answer.hpp\n"
            f"@@ -1,5 +1,5 @@\n #pragma once\n \n inline int answer() {{\n-{before}\n+{line}\n }}\n")


class Mutants(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("CMakeLists.txt", "pool_stage(toy)\n")
        self.write("include/answer.hpp", HEADER)
        self.write("tests/answer_test.cpp", TEST)

    def write(self, name, text):
        file = self.root / "01-toy" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def mutant(self, name, *what, **more):
        self.write(f"tests/mutants/{name}.patch", patch(name, *what, **more))

    def run_tool(self, *arguments, **more):
        environment = {**os.environ, "POOL_MUTANTS_ROOT": str(self.root), **more}
        return subprocess.run([sys.executable, str(TOOL), *arguments], capture_output=True, text=True, env=environment)

    def expect_failure(self, text):
        result = self.run_tool()
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn(text, result.stdout)
        self.assertEqual(result.stdout.splitlines()[-1], "0 passed, 1 failed")

    def test_a_killed_mutant_passes_and_is_remembered(self):
        self.mutant("wrong", "  return 41;")
        result = self.run_tool()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("killed 01 wrong (Answer.IsRight)", result.stdout)
        self.assertEqual(result.stdout.splitlines()[-1], "1 passed, 0 failed")
        remembered = "1 passed, 0 failed; 1 remembered, 0 judged\n"
        self.assertEqual(self.run_tool("--changed").stdout, remembered)
        self.assertIn("killed 01 wrong (Answer.IsRight)\n1 passed, 0 failed; 0 remembered, 1 judged, 1 of them by chance",
                      self.run_tool().stdout)
        self.write("include/deep.hpp", "")
        self.write("tests/other_test.cpp", TEST)
        self.assertEqual(self.run_tool("--changed").stdout, remembered)
        for name, text in (("tests/answer_test.cpp", "#include <deep.hpp>\n" + TEST), ("include/deep.hpp", "// more\n"),
                           ("tests/report.txt", "which a test may read\n")):
            self.write(name, text)
            self.assertIn("killed 01 wrong", self.run_tool("--changed").stdout, name)
        self.assertEqual(self.run_tool("--changed").stdout, remembered)
        self.mutant("wrong", "  return 40;")
        self.assertIn("killed 01 wrong", self.run_tool("--changed").stdout)

    def test_who_names_a_mutant_has_it_tried(self):
        self.mutant("wrong", "  return 41;")
        self.mutant("worse", "  return 40;")
        self.run_tool()
        self.assertEqual(self.run_tool("wrong").stdout, "killed 01 wrong (Answer.IsRight)\n1 passed, 0 failed\n")

    def test_a_source_of_the_stage_begins_with_the_header_that_it_implements(self):
        self.write("include/answer.hpp", HEADER.replace("{\n  return 42;\n}", ";").replace("inline ", ""))
        source = "#include <cstdio>\n#include <answer.hpp>\nint answer() {\n  return 42;\n}\n"
        self.write("src/answer.cpp", source)
        self.write("tests/mutants/wrong.patch", patch("wrong", "  return 41;").partition("---")[0] + (
            "--- a/01-toy/src/answer.cpp\n+++ b/01-toy/src/answer.cpp\n"
            "@@ -3,3 +3,3 @@\n int answer() {\n-  return 42;\n+  return 41;\n }\n"))
        self.assertIn("1 passed, 0 failed", self.run_tool().stdout)
        self.assertIn("1 remembered", self.run_tool("--changed").stdout)
        self.write("src/answer.cpp", source + "// more\n")
        self.assertIn("killed 01 wrong", self.run_tool("--changed").stdout)
        self.write("include/other.hpp", "#pragma once\n")
        self.write("src/answer.cpp", source.replace("answer.hpp", "other.hpp"))
        self.expect_failure("has to begin with the header that it implements")

    @unittest.skipUnless(shutil.which("cmake"), "there is no cmake")
    def test_a_room_may_have_definitions_and_a_file_that_is_made(self):
        self.write("CMakeLists.txt", "pool_stage(server)\n")
        self.write("tests/answer_test.cpp", "int made();\n" + TEST.replace("answer() == 42", "answer() + made() == 42"))
        self.write("embed.cmake", 'file(STRINGS "${FILES}" text)\n'  # of openapi.json, the only file
                   'file(WRITE "${OUT}" "int made() { return ${text} + sizeof POOLCRAFT_VERSION; }")\n')
        self.write("openapi.json", "-2\n")
        self.write("tests/mutants/wrong.patch", patch("wrong", "  return 41;").replace("toy_", "server_"))
        self.assertIn("1 passed, 0 failed", self.run_tool().stdout)
        self.assertIn("1 remembered", self.run_tool("--changed").stdout)
        self.write("openapi.json", "-3\n")
        self.expect_failure("ends by failure even without the mutant")

    def test_without_a_library_it_is_skipped_and_not_remembered(self):
        self.mutant("wrong", "  return 41;")
        self.write("CMakeLists.txt", "pool_stage(toy LINKS nlohmann_json::nlohmann_json)\n")
        for _ in range(2):
            result = self.run_tool(CXX=os.environ.get("CXX", "c++") + " -nostdinc -nostdinc++")  # that finds no header
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertEqual(result.stdout, "skipped 01 wrong: there is no nlohmann-json3-dev\n0 passed, 0 failed, 1 skipped\n")

    def test_a_survivor_fails(self):
        self.mutant("same", "  return 6 * 7;")
        self.expect_failure("FAILED 01 same: it survives: Answer.IsRight passes with it")
        self.assertIn("FAILED 01 same", self.run_tool("--changed").stdout)

    def test_a_stale_patch_fails(self):
        self.mutant("stale", "  return 41;", before="  return 43;")
        self.expect_failure("the patch no longer applies")

    def test_a_mutant_must_compile(self):
        self.mutant("typo", "  retrun 41;")
        self.expect_failure("does not compile")

    def test_a_hang_or_a_crash_counts_only_if_the_patch_says_so(self):
        self.mutant("hang", "  return 99;")
        self.expect_failure("should end by failure, but ends by hang")
        self.mutant("hang", "  return 99;", extra="# ends-by: hang\n")
        self.mutant("crash", "  return 13;", extra="# ends-by: crash\n")
        self.assertIn("2 passed, 0 failed", self.run_tool().stdout)

    def test_the_named_test_must_exist(self):
        self.mutant("nobody", "  return 41;", test="Answer.IsLeft")
        self.expect_failure("has no test Answer.IsLeft")

    def test_the_named_test_must_pass_without_the_mutant(self):
        self.write("include/answer.hpp", HEADER.replace("42", "40"))
        self.mutant("wrong", "  return 41;", before="  return 40;")
        self.expect_failure("ends by failure even without the mutant")

    def test_the_head_must_be_complete(self):
        self.write("tests/mutants/bare.patch", patch("bare", "  return 41;").replace("# why: to see what happens.\n", ""))
        self.expect_failure("it has no line '# why: …'")

    def test_list_and_names(self):
        self.mutant("wrong", "  return 41;")
        self.assertIn("01 wrong: to see what happens. (toy_answer_test Answer.IsRight)", self.run_tool("--list").stdout)
        self.assertIn("there is no mutant rong", self.run_tool("rong").stderr)
        self.assertEqual(self.run_tool("--stage", "02").stdout, "0 passed, 0 failed\n")


if __name__ == "__main__":
    unittest.main()

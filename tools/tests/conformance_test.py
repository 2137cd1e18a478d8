"""Tests of tools/conformance.py: what the contract is, what a run says of it, and the table that is made of that."""

import json
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import conformance  # noqa: E402  # pylint: disable=wrong-import-position

FILES = {
    "01-one/CMakeLists.txt": "pool_stage(one)\n",
    "01-one/testing/pool/testing/contract/runs.hpp": "REGISTER_TYPED_TEST_SUITE_P(PoolRuns, Once,\n                  NothingIsLost);\n",
    "01-one/testing/pool/testing/contract.hpp": "#define ONE_CONTRACT(Name, ...) \\\n"
                                                "  INSTANTIATE_TYPED_TEST_SUITE_P(Name, PoolRuns, Name##Types)\n",
    "01-one/tests/pool_test.cpp": "ONE_CONTRACT(One, one::Pool);\n",
    "02-two/CMakeLists.txt": "",
    "02-two/room/CMakeLists.txt": "pool_stage(room USES one)\n",
    "02-two/testing/pool/testing/contract/waits.hpp": "REGISTER_TYPED_TEST_SUITE_P(PoolWaitsLong, NothingIsLost);\n",
    "02-two/room/tests/own_test.cpp": "INSTANTIATE_TYPED_TEST_SUITE_P(Two, PoolWaitsLong, Pools);\n",
    "02-two/room/tests/one_contract_test.cpp": "ONE_CONTRACT(Two, two::Pool, Other);\n",
}
LOG = """\
 1/99 Test  #1: one.One.Once<one::Pool> .......   Passed    0.01 sec
 2/99 Test  #2: one.One.NothingIsLost<one::Pool> .......   Passed    0.01 sec
 3/99 Test  #3: one.Channel.Once ....   Passed    0.01 sec
 4/99 Test  #4: room.Two.Once<two::Pool> ...   Passed    0.01 sec
 5/99 Test  #5: room.Two.Once<pool::testing::(anonymous namespace)::Other> ...   Passed    0.01 sec
 6/99 Test  #6: room.Two.NothingIsLost<two::Pool> ...   Passed    0.01 sec
"""


class ConformanceTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for name, text in FILES.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")

    def outcomes(self, log=LOG):
        return conformance.outcomes(log, self.root)

    def test_what_has_passed(self):
        results = self.outcomes()
        self.assertEqual(results, {"Passed": {"PoolRuns.Once": "01 02", "PoolRuns.NothingIsLost": "01 02",
                                              "PoolWaitsLong.NothingIsLost": "02"}})
        self.assertEqual(conformance.problems(results, self.root), [])

    def test_one_failure_of_several_is_a_failure(self):
        for said in ["***Failed ", "***Timeout ", "***Exception: SegFault "]:
            results = self.outcomes(LOG.replace("Other> ...   Passed", f"Other> ...{said}"))
            self.assertEqual(results["Failed"], {"PoolRuns.Once": "02"}, said)
            self.assertEqual(results["Passed"]["PoolRuns.Once"], "01")
            self.assertEqual(conformance.differences(self.outcomes(), results), ["PoolRuns.Once of stage 02: Failed, and it was Passed"])

    def test_of_what_was_skipped_a_run_says_nothing(self):
        results = self.outcomes(LOG.replace("Other> ...   Passed", "Other> ...***Skipped "))
        self.assertEqual(results["Skipped"], {"PoolRuns.Once": "02"})
        self.assertEqual(conformance.differences(self.outcomes(), results), [])
        self.assertEqual(conformance.differences(results, self.outcomes()), ["PoolRuns.Once of stage 02: Passed, and it was Skipped"])
        self.assertEqual(conformance.table([], {}, results, self.root)[2], "| others |  | 2 | 2, 1 skipped |")

    def test_a_run_of_a_part_is_refused(self):
        self.assertEqual(conformance.problems(self.outcomes("\n".join(LOG.splitlines()[:3])), self.root),
                         ["PoolRuns.NothingIsLost: of stages 01 02, the results are of 01",
                          "PoolRuns.Once: of stages 01 02, the results are of 01",
                          "PoolWaitsLong.NothingIsLost: of stages 02, the results are of none"])

    def test_a_new_test_and_one_that_is_gone_make_the_results_stale(self):
        results = self.outcomes()
        file = self.root / "01-one/testing/pool/testing/contract/runs.hpp"
        file.write_text(file.read_text().replace("Once", "Twice"), encoding="utf-8")
        self.assertEqual(conformance.problems(results, self.root),
                         ["PoolRuns.Once: of stages none, the results are of 01 02",
                          "PoolRuns.Twice: of stages 01 02, the results are of none"])

    def test_the_table(self):
        tags = {"S1.1": [("PoolRuns.Once", None, False), ("PoolWaitsLong.NothingIsLost", None, False), ("Channel.Closes", None, False)],
                "S9.9": [("Server.Serves", None, False)]}
        self.assertEqual(conformance.table(["S1.1", "S9.9"], tags, self.outcomes(), self.root), [
            "| Clause | Parts of the contract | [01-one](../01-one) | [02-two](../02-two) |",
            "|---|---|---:|---:|",
            "| [S1.1](#s1.1) | runs, waits long | 1 | 2 |",
            "| others |  | 1 | 1 |",
            "| **all tests** |  | 2 | 3 |"])
        failed = conformance.table(["S1.1"], tags, self.outcomes(LOG.replace("Other> ...   Passed", "Other> ...***Failed ")), self.root)
        self.assertEqual(failed[2], "| [S1.1](#s1.1) | runs, waits long | 1 | **1 of 2 fail** |")

    def test_the_contract_of_the_repository_is_found_whole(self):
        text = "".join(file.read_text(encoding="utf-8") for file in ROOT.glob("0*/testing/pool/testing/contract/*.hpp"))
        tests = {test for tests in conformance.contract(ROOT).values() for test in tests}
        self.assertEqual(len(tests), text.count("\nTYPED_TEST_P("))
        self.assertEqual(set(conformance.instantiated(ROOT)), tests)
        results = json.loads(conformance.read(conformance.RESULTS))
        self.assertEqual(list(results), ["Passed"], "no pool breaks its contract")


if __name__ == "__main__":
    unittest.main()

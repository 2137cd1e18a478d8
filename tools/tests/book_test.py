"""Tests of tools/book.py: what is a link of the site, how a source file is shown, and what happens without npm.

None of them builds the site: the step `book` of ./learn check does that, where npm reaches its packages.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import book  # noqa: E402  # pylint: disable=wrong-import-position
from book_lib import crawl, sources  # noqa: E402  # pylint: disable=wrong-import-position


def site(files):
    folder = pathlib.Path(tempfile.mkdtemp())
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class Crawl(unittest.TestCase):
    def problems(self, files):
        return crawl.check(site(files))[2]

    def test_links_that_lead_somewhere_are_no_problem(self):
        self.assertEqual(self.problems({
            "index.html": '<h2 id="here">x</h2><a href="#here">a</a><a href="./part/">b</a><a href="/part/one.html#two">c</a>'
                          '<a href="part/one">d</a><img src="x.svg"><a href="https://example.org/">e</a>',
            "part/index.html": '<a href="../index.html">up</a>',
            "part/one.html": '<p id="two">2</p>',
            "x.svg": "<svg/>",
        }), [])

    # C3 (part): ./learn check asks it of the site that it has built
    def test_a_link_to_nothing_is_named(self):
        self.assertEqual(self.problems({"a/index.html": '<a href="../gone.html">x</a>'}),
                         ["a/index.html: the link '../gone.html' leads nowhere: there is no gone.html"])

    # C3 (part)
    def test_so_is_an_anchor_that_is_not_there(self):
        self.assertEqual(self.problems({"index.html": '<a href="one.html#three">x</a>', "one.html": "<p id='two'>"}),
                         ["index.html: the link 'one.html#three' names no anchor of one.html"])

    def test_a_range_of_lines_needs_both_ends(self):
        page = {"index.html": '<a href="s.html#L1-L2">x</a>', "s.html": '<i id="L1"></i><i id="L2"></i>'}
        self.assertEqual(self.problems(page), [])
        self.assertEqual(len(self.problems({**page, "s.html": '<i id="L1"></i>'})), 1)

    # C3 (part)
    def test_what_is_loaded_from_elsewhere_is_a_problem(self):
        self.assertEqual(self.problems({"index.html": '<script src="https://example.org/x.js"></script>'}),
                         ["index.html loads https://example.org/x.js from elsewhere"])


class Sources(unittest.TestCase):
    def test_each_line_has_an_anchor(self):
        shown = sources.lines("one\ntwo\n", None)
        self.assertEqual(re.findall(r'id="(L\d+)"', shown), ["L1", "L2"])

    def test_what_looks_like_a_tag_is_text(self):
        for language in (None, sources.C, sources.PYTHON, sources.SHELL):
            self.assertIn("&lt;script&gt;", sources.lines("a <script> b", language))
            self.assertNotIn("<script>", sources.lines("a <script> b", language))

    def test_no_element_spans_two_lines(self):
        painted = sources.paint("/* one\n\n two */ int x; // three\n", sources.C)
        self.assertEqual(painted, "<i>/* one</i>\n\n<i> two */</i> <b>int</b> x; <i>// three</i>\n")

    def test_a_string_is_no_comment_and_a_comment_no_string(self):
        self.assertEqual(sources.paint('"// no" // "no"', sources.C), '<s>"// no"</s> <i>// "no"</i>')

    def test_painting_keeps_every_character(self):
        for name in ["learn", "01-basic-pool/src/thread_pool.cpp", "tools/book.py", "CMakeLists.txt"]:
            text = (ROOT / name).read_text(encoding="utf-8")
            language = sources.LANGUAGES[pathlib.PurePosixPath(name).suffix]
            bare = re.sub(r"</?[isub]>", "", sources.paint(text, language))
            self.assertEqual(bare, sources.html.escape(text, quote=False), name)

    def test_every_file_and_folder_has_a_page_and_the_way_back_to_the_book(self):
        root = site({"src/a.cpp": "int a;\n", "src/README.md": "# A\n", "docs/01-x.md": "# X\n", "docs/x.svg": "<svg/>"})
        to = pathlib.Path(tempfile.mkdtemp()) / "source"
        self.assertEqual(sources.write(root, to), 2)
        pages = sorted(str(file.relative_to(to)) for file in to.rglob("*.html"))
        self.assertEqual(pages, ["docs/index.html", "docs/x.svg.html", "index.html", "src/a.cpp.html", "src/index.html"])
        self.assertIn('href="../../src/"', (to / "src/index.html").read_text())  # a README is the page of its folder
        self.assertIn('href="../../01-x.html"', (to / "docs/index.html").read_text())  # docs/ is the top of the site
        self.assertIn('<a href="../../">Poolcraft</a>', (to / "src/a.cpp.html").read_text())


class Packages(unittest.TestCase):
    def test_the_lock_file_names_no_registry(self):
        lock = (ROOT / "docs/package-lock.json").read_text(encoding="utf-8")
        self.assertNotIn('"resolved"', lock)
        self.assertNotIn("registry", lock)

    def test_versions_are_pinned(self):
        package = book.json_of(ROOT / "docs/package.json")
        for name, version in package["devDependencies"].items():
            self.assertRegex(version, r"^\d+\.\d+\.\d+$", name)

    # C6 (part)
    def test_without_node_the_check_is_skipped_and_says_so(self):
        done = subprocess.run([sys.executable, "tools/book.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": "/nowhere"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("skipped: node and npm are not installed", done.stdout)
        self.assertIn("0 passed, 0 failed", done.stdout)

    def installing(self, stderr):
        """What becomes of install(), if npm fails and says that."""
        failed = subprocess.CompletedProcess([], 1, "", stderr)
        with mock.patch.object(book, "DOCS", site({"package-lock.json": "{}"})), \
                mock.patch.object(book.shutil, "which", lambda name: name), \
                mock.patch.object(book, "node_version", lambda: 20), \
                mock.patch.object(book.subprocess, "run", lambda *_, **__: failed):
            book.install()

    def test_packages_out_of_reach_are_no_failure(self):
        with self.assertRaises(book.Missing):
            self.installing("npm error code ENOTFOUND\nnpm error network …")

    def test_a_lock_file_that_npm_refuses_is_one(self):
        with self.assertRaises(book.Broken):
            self.installing("npm error code EUSAGE\nnpm error `npm ci` can only install packages when …")


class Serving(unittest.TestCase):
    def test_what_is_not_there_gets_the_page_that_says_so(self):
        folder = site({"index.html": "<p>hello", "404.html": "<p>not here"})
        with mock.patch.object(book, "SITE", folder):
            server = book.server(0)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                at = f"http://127.0.0.1:{server.server_port}/"
                self.assertEqual(urllib.request.urlopen(at, timeout=10).read(), b"<p>hello")
                with self.assertRaises(urllib.error.HTTPError) as lost:
                    urllib.request.urlopen(at + "gone.html", timeout=10)
                self.assertEqual((lost.exception.code, lost.exception.read()), (404, b"<p>not here"))
            finally:
                server.shutdown()
                thread.join()
                server.server_close()


if __name__ == "__main__":
    unittest.main()

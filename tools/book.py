"""book: the chapters as a site.

    book.py                builds it, and serves it at http://127.0.0.1:4173 until Ctrl-C
    book.py --build        builds it, into build/book/site
    book.py --check        builds it and looks at every link of it; what CI does. Skipped where npm, or what the site
                           is made with, cannot be had
    book.py --port N       serves it there

The pages are the Markdown files where they lie, docs/.vitepress says how they become a site, and VitePress does it: the one
whose version docs/package-lock.json names, fetched by npm once. The source files are pages as well
(book_lib/sources.py). The finished site asks nothing of the network.
"""
import argparse
import functools
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from book_lib import crawl, sources

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BUILD = ROOT / "build" / "book"
SITE = BUILD / "site"
NODE_AT_LEAST = 18


OUT_OF_REACH = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH",
                "ERR_SOCKET_TIMEOUT", "FETCH_ERROR", "ENOTCACHED", "E404", "E403")  # what npm calls it


class Missing(Exception):
    """Something that the site is made with is not there, and cannot be had here."""


class Broken(Exception):
    """npm refuses docs/package.json or its lock file: a mistake of ours."""


def json_of(file):
    return json.loads(file.read_text(encoding="utf-8"))


def node_version():
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return int(said.lstrip("v").partition(".")[0] or 0)


def install():
    """Sees to it that docs/node_modules holds what the lock file says; asks npm only if it does not."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Missing("node and npm are not installed; on Debian and Ubuntu: apt install nodejs npm")
    if node_version() < NODE_AT_LEAST:
        raise Missing(f"this Node is older than {NODE_AT_LEAST}, which VitePress needs")
    lock = hashlib.sha256((DOCS / "package-lock.json").read_bytes()).hexdigest()
    modules = DOCS / "node_modules"
    mark = modules / ".installed"
    if mark.exists() and mark.read_text(encoding="utf-8") == lock:
        return
    print("book: fetching VitePress, as docs/package-lock.json has it (this is done once)", file=sys.stderr, flush=True)
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=20000"]
    try:
        done = subprocess.run(npm, cwd=DOCS, capture_output=True, text=True, check=False, timeout=300)
    except subprocess.TimeoutExpired:
        raise Missing("npm did not get the packages within five minutes") from None
    if done.returncode != 0:
        code = re.search(r"npm (?:error|ERR!) code (\w+)", done.stderr)
        if code and code.group(1) in OUT_OF_REACH:
            raise Missing(f"npm reaches no packages here ({code.group(1)})")
        raise Broken("npm could not install docs/package-lock.json:\n" + done.stderr.strip()[:1500])
    # Says to backup programs, and to our indexer, that nothing in there is of value (bford.info/cachedir).
    (modules / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n", encoding="utf-8")
    mark.write_text(lock, encoding="utf-8")


def build(base="/"):
    """Makes the site. False if VitePress has refused, and what it said is printed."""
    shutil.rmtree(BUILD / "public", ignore_errors=True)
    sources.write(ROOT, BUILD / "public" / "source")
    shutil.rmtree(SITE, ignore_errors=True)
    print("book: building the site (half a minute)", file=sys.stderr, flush=True)
    vitepress = ["node", "node_modules/vitepress/bin/vitepress.js", "build"]
    done = subprocess.run(vitepress, cwd=DOCS, capture_output=True, text=True, check=False,
                          env={**os.environ, "BOOK_BASE": base, "NO_COLOR": "1"})
    if done.returncode != 0:
        print(done.stdout + done.stderr, file=sys.stderr)
        print("book: VitePress could not build the site; see above", file=sys.stderr)
    return done.returncode == 0


def check():
    """Builds it, and follows each link. The status of the program."""
    try:
        install()
    except Missing as missing:
        print(f"book: skipped: {missing}\n0 passed, 0 failed")
        return 0
    except Broken as broken:
        print(f"book: {broken}\n0 passed, 1 failed")
        return 1
    if not build():
        print("0 passed, 1 failed")
        return 1
    pages, links, problems = crawl.check(SITE)
    for problem in problems[:50]:
        print(f"book: {problem}")
    if len(problems) > 50:
        print(f"book: and {len(problems) - 50} more")
    print(f"book: {pages} pages, {links} links between them, {len(problems)} of them dead")
    print("0 passed, 1 failed" if problems else "1 passed, 0 failed")
    return 1 if problems else 0


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):  # pylint: disable=redefined-builtin  # the name is the base class's
        pass

    def send_error(self, code, message=None, explain=None):
        lost = SITE / "404.html"
        if code != 404 or not lost.exists():
            super().send_error(code, message, explain)
            return
        body = lost.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def server(port):
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Quiet, directory=str(SITE)))


def serve(port):
    try:
        serving = server(port)
    except OSError as error:
        sys.exit(f"book: port {port} cannot be had ({error.strerror}); another one: ./learn book --port {port + 1}")
    with serving:
        print(f"The book is at http://127.0.0.1:{serving.server_port}/ until Ctrl-C.", flush=True)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def main():
    usage = argparse.ArgumentParser(prog="./learn book", description=__doc__.split("\n\n", 1)[0],
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    what = usage.add_mutually_exclusive_group()
    what.add_argument("--build", action="store_true", help="only build it, into build/book/site")
    what.add_argument("--check", action="store_true", help="build it, and look whether any link is dead")
    what.add_argument("--serve", action="store_true", help="only serve what was built")
    usage.add_argument("--port", type=int, default=4173, help="where to serve it (4173)")
    usage.add_argument("--base", default="/", metavar="PATH",
                       help="under which path another server will have it, such as /poolcraft/")
    arguments = usage.parse_args()
    if not (arguments.base.startswith("/") and arguments.base.endswith("/")):
        usage.error(f"--base is '{arguments.base}'; it has to begin and to end with '/'")
    if arguments.check:
        return check()
    if arguments.serve:
        if not SITE.exists():
            sys.exit("book: nothing was built yet; ./learn book builds it")
        return serve(arguments.port)
    try:
        install()
    except (Missing, Broken) as missing:
        sys.exit(f"book: {missing}\nThe chapters can be read as they are, too: begin with docs/00-introduction.md")
    if not build(arguments.base):
        return 1
    if arguments.build:
        print(f"The site is in {SITE.relative_to(ROOT)}")
        return 0
    return serve(arguments.port)


if __name__ == "__main__":
    sys.exit(main())

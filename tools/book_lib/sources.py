"""The source files as pages of the site: with line numbers that can be linked to, and a list for each folder."""
import html
import os
import pathlib
import re
import subprocess
from typing import Dict, List

SKIPPED = {"build", "my", "node_modules", "__pycache__", ".git"}
LARGEST = 400_000  # bytes; what is larger is no reading matter
PAGES = {".md"}  # these are pages of the book already
PICTURES = {".svg", ".png", ".jpg", ".webp"}

C = (r"//[^\n]*|/\*.*?\*/", r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'", r"^[ \t]*\#[^\n]*",
     "alignas auto bool break case catch char class co_await co_return co_yield concept const constexpr continue decltype "
     "default delete do double else enum explicit false final float for friend if inline int long mutable namespace new "
     "noexcept nullptr operator override private protected public requires return short signed sizeof static static_assert "
     "static_cast struct switch template this throw true try typename union unsigned using virtual void volatile while")
PYTHON = (r"\#[^\n]*", r"\"\"\".*?\"\"\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", r"^[ \t]*@[^\n]*",
          "and as assert async await break class continue def del elif else except False finally for from global if import "
          "in is lambda None nonlocal not or pass raise return True try while with yield")
RUST = (C[0], r"\"(?:\\.|[^\"\\\n])*\"", r"^[ \t]*\#[^\n]*",
        "as async await break const continue crate else enum extern false fn for if impl in let loop match mod move mut pub "
        "ref return self Self static struct super trait true type unsafe use where while")
SHELL = (r"(?<![$\w{])\#[^\n]*", r"\"(?:\\.|[^\"\\])*\"|'[^'\n]*'", r"(?!)",
         "case do done elif else esac exec exit export fi for function if in return set then while endif foreach endforeach "
         "endfunction")
PATCH = (r"^\#[^\n]*", r"^\+[^\n]*", r"^-[^\n]*", "")
LANGUAGES = {".hpp": C, ".cpp": C, ".h": C, ".c": C, ".pml": C, ".mts": C, ".css": C, ".py": PYTHON, ".toml": PYTHON,
             ".rs": RUST, ".sh": SHELL, ".cmake": SHELL, ".txt": SHELL, "": SHELL, ".patch": PATCH}

PAGE = """<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Poolcraft</title>
<script>
const kept = localStorage.getItem('vitepress-theme-appearance') || 'auto'
const dark = kept === 'dark' || (kept === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.classList.toggle('dark', dark)
</script>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}source.css">
<nav><a href="{up}../">Poolcraft</a> {crumbs}</nav>
{body}
</html>
"""

STYLE = """:root{color-scheme:light;--ink:#213547;--quiet:#67727e;--paper:#fff;--soft:#f6f6f7;--mark:#fff3c4;--link:#3451b2;
--comment:#5b7083;--text:#22703a;--word:#a626a4;--other:#9a5b00}
.dark{color-scheme:dark;--ink:#dfdfd6;--quiet:#98989f;--paper:#1b1b1f;--soft:#202127;--mark:#4a3f14;--link:#a8b1ff;
--comment:#8b9bab;--text:#8fce9e;--word:#d6a0e8;--other:#e0b070}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.6 system-ui,sans-serif}
nav{position:sticky;top:0;padding:12px 16px;background:var(--soft);overflow-x:auto;white-space:nowrap;z-index:1}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
ul{list-style:none;margin:16px;padding:0;columns:18em;max-width:80em}li{padding:2px 0;overflow-wrap:anywhere}
pre{margin:0;padding:12px 0 50vh;overflow-x:auto;font:13px/1.55 ui-monospace,Menlo,Consolas,monospace;tab-size:4}
.line{display:block;min-width:max-content;padding-right:16px;scroll-margin-top:30vh}
.line.marked,.line:target{background:var(--mark)}
.line>a{display:inline-block;width:4.5em;padding-right:1.2em;text-align:right;color:var(--quiet);user-select:none}
i{font-style:normal;color:var(--comment)}s{text-decoration:none;color:var(--text)}b{font-weight:400;color:var(--word)}
u{text-decoration:none;color:var(--other)}img{display:block;margin:16px;max-width:calc(100% - 32px)}
"""

SCRIPT = """<script>
function mark() {
  for (const line of document.querySelectorAll('.marked')) line.classList.remove('marked')
  const range = /^#L(\\d+)(?:-L(\\d+))?$/.exec(location.hash)
  if (!range) return
  const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])]
  for (let at = first; at <= last; ++at) document.getElementById('L' + at)?.classList.add('marked')
  document.getElementById('L' + first)?.scrollIntoView()
}
addEventListener('hashchange', mark)
mark()
</script>"""


def files(root: pathlib.Path) -> List[str]:
    """What belongs to the repository: what git would track, and without git what is not known to be made."""
    git = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        said = subprocess.run(git, capture_output=True, check=True).stdout.decode()
        found = [name for name in said.split("\0") if name and (root / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in SKIPPED]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(name.replace(os.sep, "/") for name in found)


def write(root: pathlib.Path, to: pathlib.Path) -> int:
    """A page for each file, and for each folder; how many."""
    folders: Dict[str, set] = {"": set()}
    count = 0
    for name in files(root):
        place = pathlib.PurePosixPath(name)
        below = ""
        for part in place.parts[:-1]:
            folders[below].add(part + "/")
            below = f"{below}/{part}" if below else part
            folders.setdefault(below, set())
        folders[below].add(place.name)
        if place.suffix in PAGES:
            continue
        body = shown(root, to, name)
        put(to / f"{name}.html", page(name, body, len(place.parts) - 1))
        count += 1
    for folder, names in folders.items():
        depth = len(pathlib.PurePosixPath(folder).parts)
        put(to / folder / "index.html", page(folder or "source", listing(folder, names, depth), depth, bool(folder)))
    put(to / "source.css", STYLE)
    return count


def put(file: pathlib.Path, text: str):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def page(title: str, body: str, depth: int, crumbs: bool = True) -> str:
    up = "../" * depth
    parts = title.split("/") if crumbs else []
    trail = ['<a href="%sindex.html">source</a>' % up]
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        above = "../" * (depth - at - 1)
        trail.append(html.escape(part) if last else f'<a href="{above}index.html">{html.escape(part)}</a>')
    return PAGE.format(title=html.escape(title), up=up, crumbs="/ " + " / ".join(trail), body=body)


def book_page(name: str, depth: int) -> str:
    """Where a page of the book stands, seen from a folder of the sources that deep: as docs/.vitepress/repository.mts."""
    place = re.sub(r"^docs/", "", name)
    place = re.sub(r"(^|/)README\.md$", r"\1", place)
    return "../" * (depth + 1) + re.sub(r"\.md$", ".html", place)


def listing(folder: str, names, depth: int) -> str:
    items = []
    for name in sorted(names, key=lambda each: (not each.endswith("/"), each.lower())):
        if name.endswith("/"):
            to = name + "index.html"
        elif name.endswith(".md"):
            to = book_page(f"{folder}/{name}" if folder else name, depth)
        else:
            to = name + ".html"
        items.append(f'<li><a href="{html.escape(to)}">{html.escape(name)}</a></li>')
    return "<ul>\n" + "\n".join(items) + "\n</ul>"


def shown(root: pathlib.Path, to: pathlib.Path, name: str) -> str:
    data = (root / name).read_bytes()
    suffix = pathlib.PurePosixPath(name).suffix
    if suffix in PICTURES:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_bytes(data)
        file = html.escape(pathlib.PurePosixPath(name).name)
        return f'<a href="{file}"><img alt="" src="{file}"></a>'
    if len(data) > LARGEST or b"\0" in data:
        return f"<p>{len(data):,} bytes, which are not shown.</p>"
    return lines(data.decode("utf-8", errors="replace"), LANGUAGES.get(suffix)) + SCRIPT


def lines(text: str, language) -> str:
    painted = paint(text, language).removesuffix("\n").split("\n")
    out = [f'<span class="line" id="L{n}"><a href="#L{n}">{n}</a>{line}\n</span>' for n, line in enumerate(painted, 1)]
    return f"<pre>{''.join(out)}</pre>"


def paint(text: str, language) -> str:
    """Escaped, with comments in <i>, strings in <s>, keywords in <b>, directives in <u>; no element spans two lines."""
    if language is None:
        return html.escape(text, quote=False)
    comment, string, directive, words = language
    known = rf"\b(?:{'|'.join(words.split())})\b" if words else r"(?!)"
    pattern = re.compile(f"(?P<i>{comment})|(?P<s>{string})|(?P<u>{directive})|(?P<b>{known})", re.MULTILINE | re.DOTALL)
    out, at = [], 0
    for match in pattern.finditer(text):
        out.append(html.escape(text[at:match.start()], quote=False))
        tag = match.lastgroup
        out.append("\n".join(f"<{tag}>{html.escape(part, quote=False)}</{tag}>" if part else ""
                             for part in match.group().split("\n")))
        at = match.end()
    out.append(html.escape(text[at:], quote=False))
    return "".join(out)

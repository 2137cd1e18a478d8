"""Looks at every link of a finished site: the file is there, and in it the anchor. Nothing outside of it is asked."""
import html.parser
import pathlib
import posixpath
import re
from urllib.parse import unquote

ELSEWHERE = re.compile(r"^([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
LINES = re.compile(r"^L(\d+)(?:-L(\d+))?$")
LINKS = {"a": "href", "img": "src", "link": "href", "script": "src"}
LOADED = {"img", "link", "script"}  # by the browser, without anybody asking


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.links, self.anchors, self.foreign = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if known.get("id"):
            self.anchors.add(known["id"])
        if tag == "a" and known.get("name"):
            self.anchors.add(known["name"])
        link = known.get(LINKS.get(tag, ""), None)
        if not link:
            return
        if not ELSEWHERE.match(link):
            self.links.append(link)
        elif tag in LOADED and not link.startswith("data:"):
            self.foreign.append(link)


def check(site: pathlib.Path):
    """(pages, links, problems) of the site in that folder."""
    pages = {file.relative_to(site).as_posix(): Page(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")}
    count, problems = 0, []
    for name, page in sorted(pages.items()):
        problems += [f"{name} loads {link} from elsewhere" for link in page.foreign]
        for link in page.links:
            count += 1
            wrong = _wrong(site, pages, name, link)
            if wrong:
                problems.append(f"{name}: the link '{link}' {wrong}")
    return len(pages), count, problems


def _wrong(site, pages, name, link):
    path, _, anchor = unquote(link).partition("#")
    path = path.partition("?")[0]
    if not path:
        place = name
    elif path.startswith("/"):
        place = path[1:]
    else:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) + ("/" if path.endswith("/") else "")
    if place in ("", "./") or place.endswith("/"):
        place = ("" if place == "./" else place) + "index.html"
    if place not in pages and place + ".html" in pages:
        place += ".html"  # every static server that VitePress names knows the page without its suffix
    if place not in pages:
        return "" if (site / place).is_file() else f"leads nowhere: there is no {place}"
    known = pages[place].anchors
    lines = LINES.match(anchor)
    wanted = [f"L{number}" for number in lines.groups() if number] if lines else [anchor] if anchor else []
    missing = [each for each in wanted if each not in known]
    return f"names no anchor of {place}" if missing else ""

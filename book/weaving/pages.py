"""HTML from the chapters: one page each, and everything in one file.

pandoc reads Markdown and writes HTML with MathML. The marks are taken out before; afterwards the
links between chapters, sources and figures are rewritten, and every link of the result is followed.
"""

import base64
import html
import mimetypes
import os
import posixpath
import re
import shutil
import string

from .follow import follow_links
from .pandoc import READER, core_mathml, find_words, markdown_for_pandoc, to_html
from .prose import HOSTS, resolve
from .repo import Bad, stop

ONE_FILE = "earthmover.html"
LONGEST = 1500  # lines of a linked file that its page shows
LANGUAGES = {".c": "c", ".h": "c", ".cu": "cpp", ".cuh": "cpp", ".def": "c", ".py": "python",
             ".sh": "bash", ".ini": "ini", ".md": "markdown"}
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Pages:
    """chapters: contents page first, in reading order."""

    def __init__(self, repo, chapters, out):
        self.repo, self.chapters, self.out = repo, chapters, out
        if not shutil.which("pandoc"):
            stop("pandoc is needed to build HTML and is not installed (apt-get install pandoc)", 2)
        self.keys = {chapter.path: page_key(chapter.path) for chapter in chapters}
        self.sources = []      # linked files that are no chapters, in order of first link
        self.figures = set()
        with open(os.path.join(HERE, "style.css"), encoding="utf-8") as file:
            self.style = file.read()
        with open(os.path.join(HERE, "page.html"), encoding="utf-8") as file:
            self.template = string.Template(file.read())

    def build(self):
        """Returns False, with problems in the repo, when the result is not whole."""
        bodies = [self._body(chapter) for chapter in self.chapters]
        if self.repo.problems:
            return False
        for index, (chapter, body) in enumerate(zip(self.chapters, bodies)):
            self._put(self.keys[chapter.path] + ".html", self._page(index, chapter, body))
        self._put(ONE_FILE, self._one_file(bodies))
        for path in self.sources:
            self._put(f"source/{path}.html", self._source_page(path))
        for path in self.figures:
            os.makedirs(posixpath.dirname(f"{self.out}/{path}"), exist_ok=True)
            shutil.copyfile(self.repo.full(path), f"{self.out}/{path}")
        self._put("style.css", self.style)
        names = [self.keys[chapter.path] + ".html" for chapter in self.chapters]
        names += [ONE_FILE] + [f"source/{path}.html" for path in self.sources]
        follow_links(self.repo, self.out, names, alone=ONE_FILE)
        return not self.repo.problems

    def _put(self, name, text):
        path = os.path.join(self.out, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".tmp", path)

    def _body(self, chapter):
        body, warnings = to_html(markdown_for_pandoc(chapter), READER)
        for warning in filter(None, warnings.split("[WARNING]")):
            formula = re.search(r"TeX math\s+(.*?),\s+rendering as TeX", warning, re.DOTALL)
            line = chapter.line_at(find_words(chapter.text, formula[1])) if formula else 1
            chapter.problem(line, "pandoc: " + " ".join(warning.split()))
        made = re.findall(r'<h[1-6] id="([^"]*)"', body)
        for heading, anchor in zip(chapter.headings, made):
            if heading.anchor != anchor:
                chapter.problem(heading.line, f"pandoc makes the anchor #{anchor}, code hosts "
                                              f"#{heading.anchor}: use plainer words")
        if len(made) != len(chapter.headings):
            chapter.problem(1, f"pandoc finds {len(made)} headings, not {len(chapter.headings)}")
        body = core_mathml(body)
        body = re.sub(r"<table>.*?</table>", r'<div class="wide">\g<0></div>', body,
                      flags=re.DOTALL)
        return body.replace(' aria-hidden="true" tabindex="-1"', ' tabindex="-1"')

    def _fill(self, title, main, navigation, style):
        return self.template.substitute(title=html.escape(plain(title)), style=style,
                                        main=main, navigation=navigation)

    def _page(self, index, chapter, body):
        def href(kind, target, anchor):
            return f"{self._address(kind, target)}{'#' + anchor if anchor else ''}"

        body = rewrite(body, chapter.path, self._place(href))
        body = body.replace("</h1>", "</h1>\n" + section_list(body), 1)
        return self._fill(chapter.title, f"<main>\n{body}</main>", self._navigation(index),
                          '<link rel="stylesheet" href="style.css">')

    def _address(self, kind, target):
        return {"page": f"{self.keys.get(target)}.html", "source": f"source/{target}.html",
                "figure": target}[kind]

    def _place(self, href):
        """A function (path, target, is_figure) -> new address that notes what is linked."""
        def place(path, target, is_figure):
            if target.startswith(HOSTS):
                return target
            name, _, anchor = target.partition("#")
            found = resolve(path, name)
            if is_figure:
                self.figures.add(found)
                return href("figure", found, "")
            if found in self.keys:
                return href("page", found, anchor)
            if found not in self.sources:
                self.sources.append(found)
            return href("source", found, "")
        return place

    def _navigation(self, index):
        def link(at, words):
            if not 0 <= at < len(self.chapters):
                return "<span></span>"
            chapter = self.chapters[at]
            words = words.format(html.escape(plain(chapter.title)))
            return f'<a href="{self.keys[chapter.path]}.html">{words}</a>'

        middle = link(0, "Contents") if index else f'<a href="{ONE_FILE}">In one file</a>'
        return (f"<nav class=\"turn\">{link(index - 1, '← {}') if index else '<span></span>'}"
                f"{middle}{link(index + 1, '{} →')}</nav>")

    def _one_file(self, bodies):
        def href(kind, target, anchor):
            if kind == "figure":
                return data_address(self.repo.full(target))
            key = self.keys[target] if kind == "page" else f"source/{target}"
            return f"#{key}/{anchor}" if anchor else f"#{key}"

        sections = []
        for chapter, body in zip(self.chapters, bodies):
            key = self.keys[chapter.path]
            body = re.sub(r'(<[a-z][^<>]*?\s)id="([^"]*)"', rf'\1id="{key}/\2"', body)
            body = rewrite(body, chapter.path, self._place(href))
            sections.append(f'<section class="chapter" id="{key}">\n{body}</section>')
        if self.sources:
            listings = [f'<h2 id="source/{path}">{path}</h2>\n{self._listing(path)}'
                        for path in self.sources]
            sections.append('<section class="chapter sources"><h1>Files this book refers to</h1>\n'
                            + "\n".join(listings) + "</section>")
        return self._fill(self.chapters[0].title, "<main>\n" + "\n".join(sections) + "</main>",
                          "", f"<style>\n{self.style}</style>")

    def _source_page(self, path):
        up = "../" * (path.count("/") + 1)
        return self._fill(path, f"<main>\n<h1>{path}</h1>\n{self._listing(path)}</main>",
                          f'<nav class="turn"><span></span><a href="{up}index.html">Contents</a>'
                          "<span></span></nav>", f'<link rel="stylesheet" href="{up}style.css">')

    def _listing(self, path):
        """A linked file as highlighted code, a linked folder as a list of names."""
        if not self.repo.is_file(path):
            names = sorted(name for name in self.repo.files() if name.startswith(path + "/"))
            return "<ul>" + "".join(f"<li><code>{html.escape(name)}</code></li>"
                                    for name in names) + "</ul>"
        try:
            lines = self.repo.read(path).splitlines()
        except Bad:
            return f"<p>A binary file of {self.repo.size(path)} bytes.</p>"
        text = "\n".join(lines[:LONGEST])
        language = LANGUAGES.get(posixpath.splitext(path)[1], "")
        if posixpath.basename(path) == "Makefile":
            language = "makefile"
        fence = "`" * (3 + max(map(len, re.findall("`+", text)), default=0))
        body, _ = to_html(f"{fence}{language}\n{text}\n{fence}\n", "commonmark")
        body = re.sub(r' id="cb[^"]*"', "", re.sub(r'<a href="#cb[^"]*"[^>]*></a>', "", body))
        more = len(lines) - LONGEST
        return body + (f"<p>… and {more} more lines.</p>" if more > 0 else "")


def page_key(path):
    if not path.startswith("book/"):
        return posixpath.splitext(path)[0].lower()
    stem = posixpath.basename(path)[:-3]
    return "index" if stem == "README" else stem


def plain(heading):
    return re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading)


def rewrite(body, path, place):
    """Puts every href and src of a chapter's HTML through place()."""
    def one(found):
        target = html.unescape(found[3])
        if found[2] == "href" and target.startswith("#"):
            target = posixpath.basename(path) + target
        return f'{found[1]}{found[2]}="{html.escape(place(path, target, found[2] == "src"))}"'

    return re.sub(r'(<[a-z][^<>]*?\s)(href|src)="([^"]*)"', one, body)


def section_list(body):
    """Links to the sections of a page; nothing when there are fewer than three."""
    found = re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', body, re.DOTALL)
    if len(found) < 3:
        return ""
    items = "".join(f'<li><a href="#{anchor}">{words}</a></li>' for anchor, words in found)
    return f'<nav class="sections"><p>On this page</p><ol>{items}</ol></nav>'


def data_address(path):
    with open(path, "rb") as file:
        data = base64.b64encode(file.read()).decode()
    return f"data:{mimetypes.guess_type(path)[0] or 'image/png'};base64,{data}"

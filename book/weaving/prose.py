"""What can be wrong in a chapter besides its marks: headings, links, figures, maths, HTML.

A chapter is read raw on a code host and as HTML built by pandoc, so a construct that the two
understand differently counts as a problem.
"""

import posixpath
import re
import string

from .chapter import Chapter
from .repo import Bad, Repo

CHECKED_LANGUAGES = {"c", "h", "cpp", "cuda", "make", "makefile", "gnuplot", "ini", "python"}
HOSTS = ("https://", "http://", "mailto:")
PUNCTUATION = set(string.punctuation)


class Prose:
    def __init__(self, repo):
        self.repo = repo
        self.targets = {}   # path -> [(chapter, line)], to ask git once
        self._anchors = {}

    def check(self, chapter):
        self._headings(chapter)
        self._fences(chapter)
        self._maths(chapter)
        self._html(chapter)
        for link in chapter.links:
            try:
                self._link(chapter, link)
            except Bad as bad:
                chapter.problem(link.line, str(bad))
        self._references(chapter)

    def check_committed(self):
        for path in self.repo.ignored(self.targets):
            for chapter, line in self.targets[path]:
                chapter.problem(line, f"{path} is ignored by git: a clone will not have it")

    @staticmethod
    def _headings(chapter):
        seen, level = {}, 0
        if not chapter.headings or chapter.headings[0].level != 1:
            chapter.problem(1, "the first heading is not '# Title'")
            level = 1
        for heading in chapter.headings:
            if heading.level > level + 1:
                chapter.problem(heading.line, f"heading level jumps from {level} to "
                                              f"{heading.level}")
            if heading.level == 1 and level:
                chapter.problem(heading.line, "a second '# Title' in one chapter")
            level = heading.level
            if re.search(r"[$<>&\\*!]|(?<!\w)_|_(?!\w)", re.sub("`[^`]*`", "", heading.text)):
                chapter.problem(heading.line, "plain words and `code` only in a heading: its "
                                              "anchor must be the same everywhere")
            elif not heading.anchor:
                chapter.problem(heading.line, "this heading has no letters to make an anchor of")
            elif heading.anchor in seen:
                chapter.problem(heading.line, f"the heading of line {seen[heading.anchor]} "
                                              f"has the same anchor #{heading.anchor}")
            seen.setdefault(heading.anchor, heading.line)
        for found in re.finditer(r"(?<=\S\n) {0,3}(=+|-+)[ \t]*$", chapter.prose, re.MULTILINE):
            chapter.problem(chapter.line_at(found.start()), "write '## Heading', or leave a blank "
                                                            "line before a rule")

    @staticmethod
    def _fences(chapter):
        marked = {mark.fence.line for mark in chapter.marks if mark.fence}
        for fence in chapter.fences:
            if fence.language.lower() in CHECKED_LANGUAGES and fence.line not in marked:
                chapter.problem(fence.line, f"{fence.language} fence without a mark: "
                                "<!-- code: FILE SNIPPET -->, or <!-- sketch --> if it is "
                                "no code of this repository")
            if fence.language == "math":
                text = chapter.text[fence.start:fence.end]
                for number, line in enumerate(text.split("\n"), fence.line + 1):
                    if re.match(r"\s*(?:[-+*]|\d+[.)])\s", line):
                        chapter.problem(number, "this line of a formula begins like a list, and "
                                                "becomes one in the HTML")

    def _maths(self, chapter):
        for token in chapter.tokens:
            line = chapter.line_at(token.start)
            text = chapter.text[token.start:token.end]
            if token.kind == "lone":
                meaning = {"$": "$ opens or closes no formula (a dollar is \\$)",
                           "<!--": "comment is not closed",
                           "-->": "--> closes no comment"}[text]
                chapter.problem(line, meaning)
            elif token.kind in ("math", "block", "safe"):
                self._formula(chapter, token, line, text)
        for start, end in paragraphs(chapter.text):
            formulas = [token for token in chapter.tokens if start <= token.start < end
                        and token.kind in ("math", "block")]
            paired = first_emphasis(chapter.text, formulas)
            if paired is not None:
                sign = chapter.text[paired]
                chapter.problem(chapter.line_at(paired), f"code hosts may take this {sign} and a "
                                f"later one for emphasis: write \\hat x_1 for \\hat{{x}}_1, "
                                f"\\ast for *, or {self._remedy}")

    _remedy = "$`…`$ or a ```math fence"

    def _formula(self, chapter, token, line, text):
        around = chapter.text[token.start - 1:token.start] + chapter.text[token.end:token.end + 1]
        row = chapter.text[chapter.text.rfind("\n", 0, token.start) + 1:token.start].lstrip()
        if token.kind != "block" and any(char.isalnum() for char in around):
            chapter.problem(line, f"{text} touches a letter or digit: code hosts show it raw")
        if "<!--" in text:
            chapter.problem(line, "no mark inside maths: close the formula first")
        if row.startswith("|") and "|" in text:
            chapter.problem(line, "| in a table ends the cell: write \\lvert, \\mid or \\lVert")
        if token.kind == "safe":
            return
        escaped = re.search(r"\\[^A-Za-z\s]", text)
        if escaped:
            chapter.problem(line, f"code hosts read {escaped[0]} in dollars as Markdown: "
                                  f"write {self._remedy}")
        if re.search(r"<[A-Za-z/!?]", text):
            chapter.problem(line, "a space after < in maths, or \\lt: code hosts take it for HTML")

    @staticmethod
    def _html(chapter):
        lines = chapter.prose.split("\n")
        opened = []
        for number, line in enumerate(lines, 1):
            if re.search(r"<(a|img|h[1-6]|table)[\s>]", line):
                chapter.problem(number, "write links, figures, headings and tables in Markdown: "
                                        "in HTML they are not checked")
            if "<details" in line:
                opened.append(number)
            if "</summary>" in line and lines[number:number + 1] != [""]:
                chapter.problem(number, "leave a blank line after </summary>, or the Markdown "
                                        "below it is not read")
            if "</details>" in line:
                if number > 1 and lines[number - 2].strip():
                    chapter.problem(number, "leave a blank line before </details>")
                if not opened:
                    chapter.problem(number, "</details> closes nothing")
                opened = opened[:-1]
        for number in opened:
            chapter.problem(number, "<details> is not closed")

    def _link(self, chapter, link):
        if link.image and not link.text.strip():
            chapter.problem(link.line, f"figure {link.target} has no text in its [ ]")
        if link.target.startswith(HOSTS):
            if link.image and not link.target.startswith("https://github.com/"):
                raise Bad("a figure must be a file of the repository")
            return
        path, _, anchor = link.target.partition("#")
        path = resolve(chapter.path, path)
        if not self.repo.exists(path):
            raise Bad(f"{'figure' if link.image else 'link'} to {path}, which does not exist")
        self.targets.setdefault(path, []).append((chapter, link.line))
        if link.image:
            self._figure(path)
        elif anchor:
            self._anchor(path, anchor)

    def _anchor(self, path, anchor):
        if not path.endswith(".md"):
            raise Bad(f"#{anchor}: only chapters have anchors; to show lines of a source, "
                      "use a snippet")
        if path not in self._anchors:
            other = Chapter(Repo(self.repo.root), path)
            self._anchors[path] = {heading.anchor for heading in other.headings}
        if anchor not in self._anchors[path]:
            raise Bad(f"{path} has no heading #{anchor}")

    def _figure(self, path):
        if not self.repo.is_file(path) or self.repo.size(path) == 0:
            raise Bad(f"figure {path} is empty")
        stem = posixpath.splitext(path)[0]
        if not path.startswith("plots/"):
            return
        words = posixpath.basename(stem).split("_")
        folder = posixpath.dirname(stem)
        if not any(self.repo.is_file(f"{folder}/{'_'.join(words[:count])}.tsv")
                   for count in range(len(words), 0, -1)):
            raise Bad(f"figure {path} has no {stem}.tsv beside it to have been drawn from")

    @staticmethod
    def _references(chapter):
        plain = re.sub(r"\]\([^)\n]*\)", lambda found: " " * len(found[0]), chapter.prose)
        defined = set(re.findall(r"^\[\^([^\]]+)\]:", plain, re.MULTILINE))
        used = set(re.findall(r"\[\^([^\]]+)\](?!:)", plain))
        for number, line in enumerate(plain.split("\n"), 1):
            if re.match(r" {0,3}\[[^\]^]+\]:", line):
                chapter.problem(number, "write the link in place: [text](file)")
            if re.search(r"(?<!-)--(?!-)", line) and not re.fullmatch(r"[\s|:-]+", line):
                chapter.problem(number, "-- in prose: write – (a dash), or `code` for an option")
            for name in re.findall(r"\[\^([^\]]+)\]", line):
                if name not in defined or name not in used:
                    chapter.problem(number, f"footnote [^{name}] is not "
                                    + ("defined" if name in used else "used"))


def resolve(from_path, target):
    """A link's target as a path from the root. Raises Bad when it leads out of the repository."""
    if target.startswith("/") or re.match(r"[a-z]+:", target):
        raise Bad(f"{target}: links are relative to this file, or https://")
    if not target:
        return from_path
    path = posixpath.normpath(posixpath.join(posixpath.dirname(from_path), target))
    if path.startswith(".."):
        raise Bad(f"{target} leads out of the repository")
    return path


def paragraphs(text):
    offset = 0
    for piece in re.split(r"(\n[ \t]*\n)", text):
        yield offset, offset + len(piece)
        offset += len(piece)


def first_emphasis(text, formulas):
    """Offset of the first _ or * in dollar maths that CommonMark could pair into emphasis."""
    for sign in "_*":
        opened = None
        for formula in formulas:
            for at in range(formula.start, formula.end):
                if text[at] != sign:
                    continue
                before, after = text[at - 1], text[at + 1]
                if opened is not None and closes(sign, before, after):
                    return opened
                if opened is None and closes(sign, after, before):
                    opened = at
    return None


def closes(sign, inner, outer):
    """Whether a delimiter with emphasised text on its inner side can end (or begin) there."""
    if inner.isspace():
        return False
    loose = outer.isspace() or outer in PUNCTUATION
    return loose if sign == "_" else loose or inner not in PUNCTUATION

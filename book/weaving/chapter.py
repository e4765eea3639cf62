"""One Markdown file taken apart: fences, code spans, comments, maths, headings, links, marks.

A mark is an HTML comment, so that a code host shows none of them. This module finds marks and
pairs them with what they hold; fill.py knows what they mean.
"""

import re
from typing import NamedTuple, Optional


class Fence(NamedTuple):
    line: int        # of the opening ```
    start: int       # offsets of the body
    end: int
    indent: str
    language: str


class Token(NamedTuple):
    kind: str        # code, comment, math ($…$), block ($$…$$), safe ($`…`$), lone, escape
    start: int
    end: int


class Mark(NamedTuple):
    kind: str        # code, sketch, value, table
    arguments: str
    line: int
    start: int       # offsets of what the mark holds: inline text, table lines or fence body
    end: int
    fence: Optional[Fence]


class Heading(NamedTuple):
    level: int
    text: str
    line: int
    anchor: str


class Link(NamedTuple):
    image: bool
    text: str
    target: str
    line: int
    start: int       # offsets of the whole, and of the end of the text in its [ ]
    end: int
    text_end: int


BODY = r"(?:(?!\n[ \t]*\n)(?:\\.|[^$\\]))+?"  # maths never crosses a blank line
TOKEN = re.compile(
    rf"""(?P<escape>\\[\\`$<\[\]])
    | (?P<safe>\$`[^`$]+`\$)
    | (?<!`)(?P<ticks>`+)(?!`)(?P<code>(?:(?!\n[ \t]*\n).)+?)(?<!`)(?P=ticks)(?!`)
    | (?P<comment><!--(?:(?!<!--).)*?-->)
    | (?P<block>\$\$(?!\$){BODY}\$\$)
    | (?P<math>\$(?![\s$]){BODY}(?<!\s)\$(?!\d))
    | (?P<lone>\$|<!--|-->)""",
    re.DOTALL | re.VERBOSE)
FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`\n]*?)[ \t]*$")
HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
LABEL = r"((?:[^\[\]]|\[[^\[\]]*\])*)"
LINK = re.compile(r"(?=(!\[|(?<![!\\])\[)" + LABEL + r"\]\(\s*(<[^>\n]*>|[^()\s]*)"
                  r"((?:\s+\"[^\"]*\")?\s*\)))")
MARK_KINDS = ("code", "value", "table")


def anchor_of(heading):
    """The identifier GitHub, and pandoc's gfm_auto_identifiers, give to a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    plain = re.sub(r"[^\w\- ]", "", plain.lower())
    return plain.replace(" ", "-")


class Chapter:
    def __init__(self, repo, path):
        self.repo, self.path = repo, path
        self.text = repo.read(path)
        self.fences = self._find_fences()
        without_code = self.text
        for fence in self.fences:
            without_code = blank(without_code, self._line_start(fence.line),
                                 self._line_end(fence.end))
        self.unfenced = without_code
        self.tokens = [Token(match.lastgroup if match.lastgroup != "ticks" else "code",
                             match.start(), match.end())
                       for match in TOKEN.finditer(without_code)]
        for token in self.tokens:
            without_code = blank(without_code, token.start, token.end)
        self.prose = without_code  # neither code, comments nor maths; same offsets as text
        self.headings = [Heading(len(found[1]), self.text[found.start(2):found.end(2)],
                                 self.line_at(found.start(1)),
                                 anchor_of(self.text[found.start(2):found.end(2)]))
                         for found in HEADING.finditer(self.unfenced)]
        self.links = [Link(found[1] == "![", self.text[found.start(2):found.end(2)],
                           found[3].strip("<>"), self.line_at(found.start()),
                           found.start(), found.end(4), found.end(2))
                      for found in LINK.finditer(self.prose)]
        self.marks = self._find_marks()

    @property
    def title(self):
        return self.headings[0].text if self.headings else self.path

    def problem(self, line, message):
        self.repo.problem(self.path, line, message)

    def line_at(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def _line_start(self, line):
        start = 0
        for _ in range(line - 1):
            start = self.text.index("\n", start) + 1
        return start

    def _line_end(self, offset):
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def _find_fences(self):
        fences, opened, offset = [], None, 0
        for number, line in enumerate(self.text.splitlines(keepends=True), 1):
            found = FENCE.match(line.rstrip("\r\n"))
            if opened is None and found:
                opened = (number, offset + len(line), found)
            elif opened and found and not found[3] and found[2].startswith(opened[2][2]):
                fences.append(Fence(opened[0], opened[1], offset, opened[2][1], opened[2][3]))
                opened = None
            offset += len(line)
        if opened:
            self.problem(opened[0], "code fence is not closed")
        return fences

    def _find_marks(self):
        marks, opened = [], None
        for token in self.tokens:
            if token.kind != "comment":
                continue
            body = self.text[token.start + 4:token.end - 3].strip()
            line = self.line_at(token.start)
            if opened and body != "/":
                self.problem(opened[2], f"{opened[0]} mark is not closed by <!-- / -->")
                opened = None
            kind, _, arguments = body.partition(":")
            if body == "/":
                if opened is None:
                    self.problem(line, "<!-- / --> closes no mark")
                elif self._closed_in_place(opened, token):
                    marks.append(Mark(*opened, token.start, None))
                opened = None
            elif "--" in body:
                self.problem(line, "no -- inside a comment: code hosts would show it")
            elif body == "sketch" or (kind == "code" and arguments):
                marks += self._fence_mark(kind, arguments.strip(), token)
            elif kind in MARK_KINDS and arguments:
                start = token.end + (1 if kind == "table" else 0)
                opened = (kind, arguments.strip(), line, start)
                self._placed(kind, token)
            else:
                self.problem(line, f"unknown mark <!-- {body.splitlines()[0] if body else ''} -->")
        if opened:
            self.problem(opened[2], f"{opened[0]} mark is not closed by <!-- / -->")
        return marks

    def _around(self, token):
        start = self.text.rfind("\n", 0, token.start) + 1
        return self.text[start:token.start], self.text[token.end:self._line_end(token.end)]

    def _placed(self, kind, token):
        before, after = self._around(token)
        line = self.line_at(token.start)
        if kind == "value" and not before.strip(" \t>*+-0123456789.)"):
            self.problem(line, "a value mark cannot start a line: code hosts read no Markdown "
                               "in such a line; put a word before it")
        if kind != "value" and (before.strip() or after.strip()):
            self.problem(line, f"a {kind} mark stands on a line of its own")

    def _closed_in_place(self, opened, token):
        kind, _, line, start = opened
        if kind == "value" and "\n" in self.text[start:token.start]:
            self.problem(line, "value mark is not closed on its line")
            return False
        if kind == "table":
            self._placed(kind, token)
        return True

    def _fence_mark(self, kind, arguments, token):
        line = self.line_at(token.start)
        self._placed(kind, token)
        after = self.line_at(token.end) + 1
        for fence in self.fences:
            if fence.line == after:
                return [Mark(kind, arguments, line, fence.start, fence.end, fence)]
        self.problem(line, f"no code fence on the line after this {kind} mark")
        return []


def blank(text, start, end):
    """The same text with everything but line ends turned to spaces between two offsets."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]

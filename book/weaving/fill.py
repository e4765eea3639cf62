"""What each mark of a chapter should hold, against what it holds."""

import posixpath
import re
import shlex
from typing import NamedTuple

from .repo import Bad
from .tables import Tsv, number, show


class Edit(NamedTuple):
    start: int
    end: int
    text: str
    line: int        # where the difference begins
    message: str


LOOKUP = re.compile(r"^lookup\(([^,()]+),([^,()]+),([^,()]+)\)$")
CHAPTER = re.compile(r"^chapter\(([^,()]+)\)$")


class Filler:
    def __init__(self, repo, snippets):
        self.repo, self.snippets = repo, snippets
        self.chapters = []  # in the order of the book; links of tables lead there
        self._tables = {}

    def edits(self, chapter):
        """The changes that would bring a chapter up to date; marks that make no sense become
        problems."""
        found = []
        for mark in chapter.marks:
            try:
                made = getattr(self, "_" + mark.kind)(chapter, mark)
            except Bad as bad:
                chapter.problem(mark.line, str(bad))
                continue
            if made and chapter.text[made.start:made.end] != made.text:
                found.append(made)
        return found

    def tsv(self, path):
        if path not in self._tables:
            try:
                self._tables[path] = Tsv(self.repo, path)
            except Bad as bad:
                self._tables[path] = bad
        if isinstance(self._tables[path], Bad):
            raise self._tables[path]
        return self._tables[path]

    @staticmethod
    def _sketch(_chapter, _mark):
        return None

    def _code(self, chapter, mark):
        words = mark.arguments.split()
        if len(words) not in (1, 2):
            raise Bad("write <!-- code: FILE SNIPPET -->, or FILE alone for a whole file")
        lines, first = self.snippets.get(words[0], words[1] if len(words) == 2 else None)
        if any(line.lstrip().startswith("```") for line in lines):
            raise Bad(f"{words[0]} has ``` in it and cannot stand in a fence")
        indent = mark.fence.indent
        new = "".join((indent + line).rstrip() + "\n" if line else "\n" for line in lines)
        offset = first_difference(chapter.text[mark.start:mark.end], new)
        return Edit(mark.start, mark.end, new, mark.fence.line + 1 + offset,
                    f"fence differs from {words[0]}:{first} ({' '.join(words[1:]) or 'all'})")

    def _value(self, chapter, mark):
        words = split(mark.arguments)
        if len(words) > 2 and words[2] == "at":
            words[2:4] = [words[3]] if len(words) > 3 else ["?"]
        elif len(words) in (2, 3):
            words.insert(2, "")
        if len(words) not in (3, 4):
            raise Bad("write <!-- value: FILE EXPRESSION [at CONDITIONS] [FORMAT] -->")
        path, expression, conditions = words[:3]
        table = self.tsv(path)
        rows = table.select(conditions)
        if not rows and not expression.startswith("count("):
            raise Bad(f"{path} has no row with {conditions}")
        new = show(table.evaluate(expression, rows), *words[3:])
        old = chapter.text[mark.start:mark.end]
        line = table.line_of[rows[0]] if rows else 1
        return Edit(mark.start, mark.end, new, mark.line,
                    f"'{old}' should be '{new}' ({path}:{line})")

    def _table(self, chapter, mark):
        first, *rest = [line.strip() for line in mark.arguments.splitlines() if line.strip()]
        words = split(first)
        otherwise = words.pop() if words[-2:-1] == ["else"] else None
        if otherwise is not None:
            words.pop()
        if len(words) not in (1, 3) or (len(words) == 3 and words[1] != "at") or not rest:
            raise Bad("write <!-- table: FILE [at CONDITIONS] [else TEXT], then one line 'TITLE: "
                      "EXPRESSION FORMAT' for each column -->")
        table = self.tsv(words[0])
        rows = table.select(words[2] if len(words) == 3 else "")
        if not rows and otherwise is None:
            raise Bad(f"{words[0]} has no row with {words[2]}")
        columns = [self._cells(chapter, table, rows, line) for line in rest]
        new = markdown(columns) if rows else f"{otherwise}\n"
        offset = first_difference(chapter.text[mark.start:mark.end], new)
        line = table.line_of[rows[min(max(offset - 2, 0), len(rows) - 1)]] if rows else 1
        return Edit(mark.start, mark.end, new, chapter.line_at(mark.start) + offset,
                    f"table differs from {words[0]}:{line}")

    def _cells(self, chapter, table, rows, specification):
        """[title, alignment, cell, …] of one column."""
        title, colon, rest = specification.rpartition(": ")
        words = split(rest)
        if len(words) not in (1, 2):
            raise Bad(f"'{specification}' is not 'TITLE: EXPRESSION FORMAT'")
        title = title if colon else words[0]
        if CHAPTER.match(words[0]):
            name = table.column(CHAPTER.match(words[0])[1])
            return [title, False, *(self._home(chapter, table.rows[row][name]) for row in rows)]
        found = LOOKUP.match(words[0])
        values = self._looked_up(table, rows, *found.groups()) if found else \
            [table.evaluate(words[0], [row]) for row in rows]
        right = all(isinstance(value, float) or number(value) is not None for value in values)
        return [title, right, *(show(value, *words[1:]) for value in values)]

    def _looked_up(self, table, rows, path, key, column):
        """For each row the cell of another file's row that has the same key, or a dash."""
        other, key = self.tsv(path), table.column(key)
        known = {row[other.column(key)]: row[other.column(column)] for row in other.rows}
        for name in known:
            if all(row[key] != name for row in table.rows):
                raise Bad(f"{path} has a row for {name}, which {table.path} has not")
        return [known.get(table.rows[row][key], "–") for row in rows]

    def _home(self, chapter, program):
        """A link to the first chapter with a table of a program's claims, else to its source."""
        claims, folder = f"/{program}.claims.tsv", posixpath.dirname(chapter.path)
        for other in self.chapters:
            for mark in other.marks:
                if mark.kind == "table" and mark.arguments.split()[0].endswith(claims):
                    return f"[{other.title}]({posixpath.relpath(other.path, folder)})"
        return f"[`{program}`]({posixpath.relpath(f'experiments/{program}.c', folder)})"


def split(text):
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Bad(f"{text}: {error}") from None


def markdown(columns):
    """A pipe table whose columns also line up in the raw text."""
    laid = []
    for title, right, *cells in columns:
        width = max(map(len, [title, *cells, "---"]))
        put = str.rjust if right else str.ljust
        rule = "-" * (width - 1) + ":" if right else "-" * width
        laid.append([put(title, width), rule, *(put(cell, width) for cell in cells)])
    return "".join("| " + " | ".join(row) + " |\n" for row in zip(*laid))


def first_difference(old, new):
    """Index of the first line where two texts differ, within the old text."""
    old, new = re.split("\n", old), re.split("\n", new)
    for index, (a, b) in enumerate(zip(old, new)):
        if a != b:
            return index
    return max(min(len(old), len(new)) - 1, 0)

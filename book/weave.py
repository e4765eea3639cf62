#!/usr/bin/env python3
"""Keeps the book and the code together.

    weave.py check          every fence, value, table, figure, link and anchor of the chapters
    weave.py fill           rewrites fences, values and tables from the sources and the TSVs
    weave.py html OUTDIR    a page per chapter, and all of them in OUTDIR/earthmover.html
    weave.py snippets       the named snippets of the sources and the chapters that show them

Chapters are book/*.md in the order of the links in book/README.md; README.md at the top is checked
too. How to write one: book/writing.md. Exit status: 0 ok, 1 problems (FILE:LINE: what is wrong),
2 usage or no pandoc, 4 a file could not be written.
"""

import argparse
import os
import posixpath
import signal
import sys

from weaving.chapter import Chapter
from weaving.fill import Filler
from weaving.pages import Pages
from weaving.prose import Prose, resolve
from weaving.repo import Bad, Repo, stop
from weaving.snippets import Snippets

CONTENTS = "book/README.md"
FRONT = "README.md"


class Book:
    def __init__(self, root):
        self.repo = Repo(root)
        if not self.repo.is_file(CONTENTS):
            stop(f"no {CONTENTS} in {self.repo.root}", 2)
        self.snippets = Snippets(self.repo)
        self.filler = Filler(self.repo, self.snippets)
        self.chapters = self.filler.chapters = self._in_order()
        self.front = self._open(FRONT) if self.repo.is_file(FRONT) else []

    def _open(self, path):
        try:
            return [Chapter(self.repo, path)]
        except Bad as bad:
            self.repo.problem(path, 1, str(bad))
            return []

    def _in_order(self):
        """The contents page, then the chapters it links to, then those it forgets."""
        chapters = self._open(CONTENTS)
        names = sorted(name for name in os.listdir(self.repo.full("book"))
                       if name.endswith(".md") and name != posixpath.basename(CONTENTS))
        listed = []
        for link in chapters[0].links if chapters else []:
            if link.target in names and link.target not in listed:
                listed.append(link.target)
        for name in listed + [name for name in names if name not in listed]:
            chapters += self._open(f"book/{name}")
            if name not in listed:
                self.repo.problem(f"book/{name}", 1, f"{CONTENTS} does not list this chapter")
        return chapters

    def check(self):
        prose = Prose(self.repo)
        for chapter in self.chapters + self.front:
            for edit in self.filler.edits(chapter):
                chapter.problem(edit.line, edit.message)
            prose.check(chapter)
        prose.check_committed()
        self.snippets.check_all_shown()

    def fill(self):
        """Rewrites the chapters whose marks all make sense; names those that changed."""
        for chapter in self.chapters + self.front:
            edits = self.filler.edits(chapter)
            if any(problem.path == chapter.path for problem in self.repo.problems):
                continue
            text = chapter.text
            for edit in sorted(edits, reverse=True):
                text = text[:edit.start] + edit.text + text[edit.end:]
            if text != chapter.text:
                self.repo.write(chapter.path, text)
                print(f"filled {chapter.path}")

    def html(self, out):
        self.check()
        if self.repo.problems:
            return
        front = self.front if any(self._links_to(chapter, FRONT) for chapter in self.chapters) \
            else []
        pages = Pages(self.repo, self.chapters + front, out)
        if pages.build():
            print(f"{out}/index.html and {len(self.chapters) - 1} chapters; "
                  f"{out}/earthmover.html is all of them")

    @staticmethod
    def _links_to(chapter, path):
        return any("://" not in link.target and resolve(chapter.path, link.target) == path
                   for link in chapter.links if not link.target.startswith(("#", "mailto:")))

    def list_snippets(self):
        shown = {}
        for chapter in self.chapters + self.front:
            for mark in chapter.marks:
                if mark.kind == "code":
                    shown.setdefault(tuple(mark.arguments.split()), []).append(chapter.path)
        for path, name, first, last in self.snippets.all():
            print(f"{path}:{first}-{last}\t{name}\t{' '.join(shown.get((path, name), ['-']))}")


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `weave.py check | head` ends quietly
    parser = argparse.ArgumentParser(prog="weave.py", description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", metavar="DIR", help="the repository (default: this one)",
                        default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in ("check", "fill", "html", "snippets"):
        command = commands.add_parser(name, allow_abbrev=False)
        if name == "html":
            command.add_argument("out", metavar="OUTDIR")
    arguments = parser.parse_args()
    try:
        book = Book(arguments.root)
        if arguments.command == "html":
            book.html(arguments.out)
        else:
            {"check": book.check, "fill": book.fill,
             "snippets": book.list_snippets}[arguments.command]()
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}", 4)
    return book.repo.report()


if __name__ == "__main__":
    sys.exit(main())

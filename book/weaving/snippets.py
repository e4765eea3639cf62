"""Named snippets: the lines of a source between `// [name]` and `// [/name]`.

The comment sign is the language's own (//, # or ;). Snippets may nest and overlap; the lines that
mark them are left out and the indentation that all lines share is removed.
"""

import re
import textwrap

from .repo import Bad

MARK = re.compile(r"^[ \t]*(?://|#|;)[ \t]*\[(/?)([A-Za-z][A-Za-z0-9_-]*)\][ \t]*$")
SOURCES = (".c", ".h", ".cu", ".cuh", ".def", ".gp", ".gnuplot", ".plt", ".sh", ".py", "Makefile")


class Snippets:
    def __init__(self, repo):
        self.repo = repo
        self.shown = set()   # (path, name)
        self._files = {}

    def get(self, path, name):
        """(lines, number of the first). No name: the whole file. Raises Bad."""
        lines = self.repo.read(path).splitlines()
        if name is None:
            return [line for line in lines if not MARK.match(line)], 1
        spans = self.spans(path)
        if name not in spans:
            raise Bad(f"{path} has no snippet {name}"
                      + (f" (it has {', '.join(spans)})" if spans else ""))
        self.shown.add((path, name))
        first, last = spans[name]
        inside = [line for line in lines[first:last - 1] if not MARK.match(line)]
        return textwrap.dedent("\n".join(inside)).strip("\n").split("\n"), first + 1

    def spans(self, path):
        """{name: (line of the opening mark, line of the closing one)}, in order of opening."""
        if path not in self._files:
            self._files[path] = self._scan(path)
        return self._files[path]

    def _scan(self, path):
        opened, spans = {}, {}
        for number, line in enumerate(self.repo.read(path).splitlines(), 1):
            found = MARK.match(line)
            if not found:
                continue
            closing, name = found[1], found[2]
            if closing and name in opened:
                spans[name] = (opened.pop(name), number)
            elif closing:
                self.repo.problem(path, number, f"[/{name}] closes no snippet")
            elif name in opened or name in spans:
                self.repo.problem(path, number, f"a second snippet {name} in this file")
            else:
                opened[name] = number
        for name, number in opened.items():
            self.repo.problem(path, number, f"snippet {name} is not closed by [/{name}]")
        return dict(sorted(spans.items(), key=lambda item: item[1]))

    def all(self):
        """(path, name, first line, last line) of every snippet in the tree."""
        for path in self.repo.files():
            if path.endswith(SOURCES):
                try:
                    spans = self.spans(path)
                except Bad as bad:
                    self.repo.problem(path, 1, str(bad))
                    continue
                for name, (first, last) in spans.items():
                    yield path, name, first, last

    def check_all_shown(self):
        for path, name, first, _ in self.all():
            if (path, name) not in self.shown:
                self.repo.problem(path, first, f"snippet {name} is shown in no chapter")

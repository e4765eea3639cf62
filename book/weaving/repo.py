"""The repository the book belongs to: its files and the problems found in them."""

import os
import subprocess
import sys
from typing import NamedTuple


class Problem(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class Bad(Exception):
    """A problem in the thing being looked at; whoever catches it knows the place."""


class Repo:
    """Paths are relative to the root and use '/'."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.problems = set()
        self._texts = {}

    def problem(self, path, line, message):
        self.problems.add(Problem(path, line, message))

    def report(self):
        for problem in sorted(self.problems):
            print(problem)
        return 1 if self.problems else 0

    def full(self, path):
        return os.path.join(self.root, *path.split("/"))

    def is_file(self, path):
        return os.path.isfile(self.full(path))

    def exists(self, path):
        return os.path.exists(self.full(path))

    def size(self, path):
        return os.path.getsize(self.full(path))

    def read(self, path):
        """The text of a file. Raises Bad when there is none."""
        if path not in self._texts:
            try:
                with open(self.full(path), encoding="utf-8", newline="") as file:
                    self._texts[path] = file.read()
            except UnicodeDecodeError as error:
                raise Bad(f"{path} is not UTF-8 at byte {error.start}") from None
            except OSError as error:
                raise Bad(f"cannot read {path}: {error.strerror}") from None
        return self._texts[path]

    def write(self, path, text):
        """All of the text or none of it: written beside the file, then renamed onto it."""
        full = self.full(path)
        beside = full + ".tmp"
        try:
            with open(beside, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.chmod(beside, os.stat(full).st_mode & 0o7777)
            os.replace(beside, full)
        finally:
            if os.path.exists(beside):
                os.remove(beside)
        self._texts[path] = text

    def _git(self, *arguments, given=None):
        """What git prints, or None where the tree is not a git checkout or git is missing."""
        try:
            done = subprocess.run(["git", "-C", self.root, *arguments], input=given, text=True,
                                  capture_output=True, check=False)
        except OSError:
            return None
        return done.stdout if done.returncode in (0, 1) else None

    def ignored(self, paths):
        """Those of the paths that git ignores: readers of a clone will not have them."""
        listing = self._git("check-ignore", "--stdin", "-z", given="\0".join(sorted(paths)))
        return set((listing or "").split("\0")) - {""}

    def files(self):
        """Every file that is, or could be, committed."""
        listing = self._git("ls-files", "-co", "--exclude-standard", "-z")
        if listing is not None:
            return sorted(path for path in set(listing.split("\0")) - {""} if self.is_file(path))
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name[0] != "." and name != "build"]
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in names]
        return sorted(path.replace(os.sep, "/") for path in found)


def stop(message, status):
    """One line on stderr, and out."""
    print(f"weave.py: {message}", file=sys.stderr)
    raise SystemExit(status)

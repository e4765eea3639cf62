"""Follows every link of the built HTML."""

import html.parser
import os
import posixpath

from .prose import HOSTS


class Followed(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.twice, self.links = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                if value in self.ids:
                    self.twice.append((self.getpos()[0], value))
                self.ids.add(value)
            elif name in ("href", "src") and not value.startswith((*HOSTS, "data:")):
                self.links.append((self.getpos()[0], value))


def follow_links(repo, out, names, alone=None):
    """Every href and src must lead to a file that was built and to an id that exists there; the
    page `alone` may lead to no other."""
    read = {}
    for name in names:
        with open(os.path.join(out, name), encoding="utf-8") as file:
            read[name] = Followed(file.read())
    for name, page in read.items():
        where = os.path.join(out, name)
        for line, anchor in page.twice:
            repo.problem(where, line, f"the id {anchor} is there twice")
        for line, target in page.links:
            path, _, anchor = target.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), path or "."))
            path = path if target[0] != "#" else name
            if not os.path.isfile(os.path.join(out, path)):
                repo.problem(where, line, f"{target} leads nowhere")
            elif anchor and path in read and anchor not in read[path].ids:
                repo.problem(where, line, f"{target}: no such place in {path}")
            elif name == alone and not target.startswith("#"):
                repo.problem(where, line, f"{target}: one file must not need another")

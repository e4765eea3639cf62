"""What pandoc is given, and what is put right in what it gives back."""

import html
import re
import subprocess

READER = ("commonmark+tex_math_dollars+pipe_tables+footnotes+strikeout+task_lists"
          "+autolink_bare_uris+gfm_auto_identifiers+smart")


def to_html(text, reader):
    """(HTML, warnings) of a text in one of pandoc's Markdowns."""
    done = subprocess.run(["pandoc", "-f", reader, "-t", "html5", "--mathml", "--wrap=none"],
                          input=text, capture_output=True, text=True, encoding="utf-8",
                          check=False)
    return done.stdout, done.stderr


def markdown_for_pandoc(chapter):
    """The chapter without marks, host-proof maths as dollars, lone images as figures."""
    text, edits = chapter.text, []
    for token in chapter.tokens:
        if token.kind == "comment":
            edits.append((token.start, token.end, ""))
        elif token.kind == "safe":
            edits.append((token.start, token.end, f"${text[token.start + 2:token.end - 2]}$"))
    for fence in chapter.fences:
        if fence.language == "math":
            opening = text.rindex("\n", 0, fence.start - 1) + 1 if fence.line > 1 else 0
            end = text.find("\n", fence.end)
            edits.append((opening, len(text) if end < 0 else end,
                          f"{fence.indent}$$\n{text[fence.start:fence.end]}{fence.indent}$$"))
    for link in chapter.links:
        if link.image and alone(text, link):
            edits += figure(text, link)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def alone(text, link):
    """Whether an image is a paragraph of its own."""
    return bool(re.search(r"(^|\n)[ \t]*\n?$", text[:link.start])
                and re.match(r"[ \t]*(\n[ \t]*(\n|$)|$)", text[link.end:]))


def figure(text, link):
    """Edits around a lone image that make its text a caption, read as Markdown."""
    words = re.sub(r"<!--.*?-->|[$`]", "", link.text, flags=re.DOTALL)
    words = html.escape(" ".join(words.split()))
    return [(link.start, link.start + 2, f'<figure>\n<img src="{link.target}" alt="{words}">\n'
             "<figcaption>\n\n"),
            (link.text_end, link.end, "\n\n</figcaption>\n</figure>")]


def find_words(text, wanted):
    """Offset of a formula that pandoc printed with its own spacing; 0 when it is not found."""
    pattern = r"\s+".join(re.escape(word) for word in wanted.split())
    found = re.search(pattern, text)
    return found.start() if found else 0


def core_mathml(body):
    """pandoc writes MathML 3 and lets every bracket stretch; browsers read MathML Core, which takes
    a variant on <mi> only and spaces unknown operators, ∥ before its content too, as relations, and
    the − of [−1, 1] as one between two numbers."""
    def upright(found):
        letters = "".join(re.findall(r"<m[in]>([^<]*)</m[in]>", found[1]))
        return f'<mi mathvariant="normal">{letters}</mi>'

    def rigid(found):
        return found[0] if r"\left" in found[0] else found[0].replace('stretchy="true"',
                                                                      'stretchy="false"')

    body = re.sub(r'<mstyle mathvariant="normal">((?:<m([in])>[^<]*</m\2>)+)</mstyle>', upright,
                  body)
    body = re.sub(r"<math .*?</math>", rigid, body, flags=re.DOTALL)
    body = re.sub(r'<mo ([^>]*form="(?:prefix|postfix)"[^>]*)>',
                  r'<mo \1 lspace="0em" rspace="0em">', body)
    body = re.sub(r'(<mo [^>]*form="prefix"[^>]*>[^<]*</mo>|<mo>(?:[,=≤≥≈]|&lt;|&gt;)</mo>)'
                  r'<mo>−</mo>', r'\1<mo form="prefix" lspace="0em" rspace="0em">−</mo>',
                  body)
    return re.sub(r"<mo>(\w[\w ]+)</mo>", r'<mo lspace="0.17em" rspace="0.17em">\1</mo>', body)

"""The parts of weave.py.

repo      the files: what exists, what was read, the problems found
chapter   one Markdown file taken apart: fences, maths, comments, headings, links
snippets  named pieces of source files
tables    the committed TSVs: rows, expressions, formats
fill      what each mark should hold, against what it holds
prose     everything else that can be wrong in a chapter
pandoc    what pandoc is given, and what is put right in what it gives back
pages     the HTML: a page per chapter, the linked sources, all in one file
follow    the links of the built HTML
"""

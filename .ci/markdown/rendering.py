"""Markdown as GitHub renders it, and what stands in the page that comes of it."""

import re
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

EXTENSIONS = ["table", "autolink", "tagfilter", "strikethrough", "tasklist"]
OPTIONS = (
    Options.CMARK_OPT_UNSAFE
    | Options.CMARK_OPT_GITHUB_PRE_LANG
    | Options.CMARK_OPT_FOOTNOTES
    | Options.CMARK_OPT_HARDBREAKS
)

# What a comment of ours is made of; everything else came from somebody's name or answer.
TAGS = set("a blockquote br code details em h3 hr li ol p pre strong sub summary table tbody td th thead tr ul".split())
VOID = {"br", "hr", "img", "input"}

# As GitHub finds them in the text of a rendered page.
MENTION = re.compile(r"(?:^|[^\w/])@[a-z0-9][a-z0-9-]*", re.IGNORECASE)
REFERENCE = re.compile(r"(?:^|\W)(?:#\d|gh-\d)", re.IGNORECASE)
# Characters without a width, or that turn the text's direction. A space of no width ends what would be a mention.
HIDDEN = re.compile("[\u00ad\u061c\u180e\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")


def rendered(markdown):
    return cmarkgfm.markdown_to_html_with_extensions(markdown, options=OPTIONS, extensions=EXTENSIONS)


class Page(HTMLParser):
    """What stands in a page, and what is wrong with it."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.problems = []
        self.open = []
        self.comments = []
        self.links = []
        self.tables = []  # of each: whether it is folded, and the numbers of cells of its rows
        self.details = 0
        self.text = []  # outside of code
        self.code = []
        self.feed(html)
        self.close()
        if self.open:
            self.problems.append(f"left open: {self.open}")
        for folded, rows in self.tables:
            if len(set(rows)) != 1:
                self.problems.append(f"rows of {sorted(set(rows))} cells in one table")
        prose = "".join(self.text)
        for what, pattern in [("mention", MENTION), ("reference", REFERENCE), ("hidden character", HIDDEN)]:
            for found in pattern.finditer(prose):
                self.problems.append(f"a {what}: {prose[max(0, found.start() - 40):found.end() + 10]!r}")
        for found in HIDDEN.finditer("".join(self.code)):
            self.problems.append(f"a hidden character in code: {found.group()!r}")

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS:
            self.problems.append(f"<{tag}>")
        names = {name for name, _ in attributes}
        if names - {"align", "href", "lang", "class"}:
            self.problems.append(f"<{tag}> with {names}")
        if tag == "a":
            self.links.append(dict(attributes).get("href", ""))
        if tag == "details":
            self.details += 1
        if tag == "table":
            self.tables.append(("details" in self.open, []))
        if tag == "tr":
            self.tables[-1][1].append(0)
        if tag in ("td", "th"):
            self.tables[-1][1][-1] += 1
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("p", "li", "td", "th", "h3", "summary", "br"):
            self.text.append("\n")

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        in_code = "code" in self.open or "pre" in self.open
        (self.code if in_code else self.text).append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    def handle_decl(self, decl):
        self.problems.append(f"<!{decl}>")

    def unknown_decl(self, data):
        self.problems.append(f"<![{data}]>")

    def handle_pi(self, data):
        self.problems.append(f"<?{data}>")

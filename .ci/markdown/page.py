"""A page that shows a comment as GitHub does, as far as a picture needs it."""

import re
import sys

from rendering import rendered

STYLE = """
:root { color-scheme: light }
body { margin: 0; padding: 16px; width: 980px; font: 14px/1.5 "Liberation Sans", sans-serif; color: #1f2328 }
.comment { border: 1px solid #d1d9e0; border-radius: 6px }
.author { padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; color: #59636e }
.author b { color: #1f2328 }
.author i { font-style: normal; font-size: 12px; border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 7px; margin: 0 2px }
.body { padding: 16px }
.body > *:first-child { margin-top: 0 } .body > *:last-child { margin-bottom: 0 }
h3 { font-size: 1.25em; margin: 0 0 16px }
p, ul, table, pre, details { margin: 0 0 16px } details { margin-bottom: 8px }
ul { padding-left: 2em }
a { color: #0969da; text-decoration: none }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { border: 1px solid #d1d9e0; padding: 6px 10px; white-space: nowrap } th { font-weight: 600 }
tr:nth-child(2n) td { background: #f6f8fa }
pre { background: #f6f8fa; border-radius: 6px; padding: 16px; font: 85%/1.45 "DejaVu Sans Mono", "Liberation Mono", monospace }
pre { white-space: pre-wrap }
.alert { border-left: .25em solid #cf222e; padding: 0 1em; margin-bottom: 16px }
.alert b { color: #d1242f; font-weight: 500 } .alert ul { margin: 4px 0 0 } .alert svg { vertical-align: -3px; margin-right: 8px }
sub { font-size: 75%; vertical-align: baseline; color: #1f2328 }
"""

ALERT = re.compile(r"<blockquote>\s*<p>\[!CAUTION\]</p>(.*?)</blockquote>", re.DOTALL)
SIGN = (
    '<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="#cf222e" stroke-width="1.5">'
    '<polygon points="5,1 11,1 15,5 15,11 11,15 5,15 1,11 1,5"/><path d="M8 4v5M8 10.5v1.5"/></svg>'
)


def page(markdown):
    # The parser knows no alerts; GitHub makes them of such a quotation afterwards.
    body = ALERT.sub(rf'<div class="alert"><b>{SIGN}Caution</b>\1</div>', rendered(markdown))
    author = '<div class="author"><b>github-actions</b> <i>bot</i> commented now</div>'
    script = "document.body.dataset.height = Math.ceil(document.querySelector('.comment').getBoundingClientRect().bottom) + 16"
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        f'<body><div class="comment">{author}<div class="body">{body}</div></div><script>{script}</script></body>'
    )


with open(sys.argv[1], encoding="utf-8") as file:
    print(page(file.read()))

"""The mail sink's pages: a list with a search, one mail with its parts and headers. No script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"
STYLE = """
:root{color-scheme:light dark;--paper:light-dark(#fff,#16202e);--desk:light-dark(#eef1f5,#0f1722);
--ink:light-dark(#1b2635,#e7ecf3);--soft:light-dark(#55647a,#a9b6c7);
--line:light-dark(#d5dce5,#2b3a4e);--link:light-dark(#0b5cad,#8cc0ff)}
*{box-sizing:border-box}
body{margin:0;background:var(--desk);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{margin:0 0 .25rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
h2{margin:1.75rem 0 .5rem;font-size:1rem}
a{color:var(--link)}
p{margin:0 0 1rem}
.soft,time,dt{color:var(--soft)}
form{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0}
label{flex:1 1 100%;font-weight:600}
input,textarea{flex:1 1 14rem;min-width:0;padding:.5rem .75rem;border:1px solid var(--soft);border-radius:7px;
background:var(--paper);color:inherit;font:inherit}
textarea{flex-basis:100%}
input[type=checkbox]{flex:none}
button,.button{padding:.5rem 1rem;border:0;border-radius:7px;background:#0b5cad;color:#fff;
font:inherit;font-weight:600;cursor:pointer}
ol{margin:0;padding:0;list-style:none}
.box{background:var(--paper);border:1px solid var(--line);border-radius:10px;overflow:hidden}
li+li{border-top:1px solid var(--line)}
li a{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.125rem 1rem;padding:.75rem 1rem;
color:inherit;text-decoration:none}
li a:hover,li a:focus-visible{background:light-dark(#f4f7fb,#1c2939)}
li strong,li .to{overflow-wrap:anywhere}
li .to{grid-column:1/-1}
iframe{display:block;width:100%;height:36rem;border:0;background:light-dark(#eef1f5,#0f1722)}
pre,dl{margin:0;padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere}
pre{font:14px/1.55 ui-monospace,monospace}
dl{display:grid;grid-template-columns:minmax(7rem,auto) minmax(0,1fr);gap:.25rem 1rem;
white-space:normal;font-size:.875rem}
dd{margin:0}
summary{padding:.75rem 1rem;cursor:pointer;font-weight:600}
@media(max-width:480px){li a,dl{grid-template-columns:minmax(0,1fr)}dt{margin-top:.25rem}}
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# The page runs nothing; what it frames is served under PART_CSP.
CSP = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-src 'self'; base-uri 'none'; "
    f"form-action 'self'; frame-ancestors 'none'; {SANDBOX} allow-same-origin allow-forms"
)
# A mail's own HTML: its inline styles, no script, nothing from elsewhere.
PART_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    f"form-action 'none'; frame-ancestors 'self'; {SANDBOX}"
)


WRITE = '<p><a class="button" href="/write">Write a mail to Coulisse</a></p>'


@dataclass(frozen=True)
class Mail:
    id: str
    sender: str
    to: list[str]
    subject: str
    date: str
    text: str
    html: str
    headers: dict[str, str]

    @property
    def arrived(self) -> datetime:
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1e9, UTC)


def with_links(plain: str) -> str:
    def link(match: re.Match[str]) -> str:
        address = escape(unescape(match[0]))
        return f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>'

    parts, end = [], 0
    for match in LINK.finditer(plain):
        parts += [escape(plain[end : match.start()]), link(match)]
        end = match.end()
    return "".join([*parts, escape(plain[end:])])


def page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def _time(mail: Mail) -> str:
    at = mail.arrived
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%d %b %Y %H:%M:%S} UTC</time>'


def _row(mail: Mail) -> str:
    return (
        f'<li><a href="/mails/{mail.id}"><strong>{escape(mail.subject) or "(no subject)"}</strong>'
        f'{_time(mail)}<span class="soft to">{escape(", ".join(mail.to))}</span></a></li>'
    )


def list_page(mails: Sequence[Mail], wanted: str = "", *, writes: bool = False) -> str:
    """The newest first; `wanted` is a part of an address or a subject."""
    found = [one for one in mails if wanted.casefold() in f"{one.to} {one.subject}".casefold()]
    count = f"{len(found)} of {len(mails)}" if wanted else f"{len(mails)} in all"
    nothing = (
        f"No mail to or about “{escape(wanted)}”."
        if wanted
        else "No mail yet. What the system sends arrives here and goes nowhere else."
    )
    rows = f'<ol class="box">{"".join(_row(one) for one in found)}</ol>'
    back = '<a class="button" href="/">All mail</a>' if wanted else ""
    return page(
        "Mail",
        '<h1>Mail</h1><p class="soft">Everything that this system sent. Nothing left this machine.'
        '</p><form action="/" role="search"><label for="to">Recipient or subject</label>'
        f'<input id="to" name="to" type="search" value="{escape(wanted)}">'
        f"<button>Search</button>{back}</form>"
        f"{WRITE if writes else ''}"
        f'<p class="soft" role="status">{count}</p>{rows if found else f"<p>{nothing}</p>"}',
    )


def mail_page(mail: Mail, *, writes: bool = False) -> str:
    headers = "".join(
        f"<dt>{escape(name)}</dt><dd>{with_links(value)}</dd>"
        for name, value in mail.headers.items()
    )
    html = (
        "<h2>As a mail program shows it</h2>"
        f'<div class="box"><iframe title="{escape(mail.subject)}" src="/mails/{mail.id}/html"'
        ' sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe></div>'
    )
    return page(
        mail.subject or "(no subject)",
        f'<p><a href="/">All mail</a></p><h1>{escape(mail.subject) or "(no subject)"}</h1>'
        f'<p class="soft">{_time(mail)}, to {escape(", ".join(mail.to))}</p>'
        f"{_answer(mail) if writes and 'Reply-To' in mail.headers else ''}"
        f"{html if mail.html else ''}"
        f'<h2>Plain text</h2><div class="box"><pre>{with_links(mail.text)}</pre></div>'
        f'<h2>Headers</h2><div class="box"><dl>{headers}</dl></div>',
    )


def _answer(mail: Mail) -> str:
    return f'<p><a class="button" href="/write?answer={mail.id}">Answer this mail</a></p>'


def html_part(mail: Mail) -> str:
    """Its links open beside the frame, which has no way out of itself."""
    return f'<base target="_blank">{mail.html}'

"""What the simulator's own pages have in common. They work without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:#1f2430;background:#f4f5f7;margin:0;padding:1rem}
main{max-width:46rem;margin:1rem auto;background:#fff;padding:clamp(1.2rem,4vw,2.5rem);
border-radius:.5rem}main.wide{max-width:80rem}
header{display:flex;justify-content:space-between;gap:1rem 2rem;align-items:flex-start;
flex-wrap:wrap}h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{color:#5b6270}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{width:100%;border-collapse:collapse;margin-top:1rem}
th,td{padding:.55rem .25rem;text-align:left;border-bottom:1px solid #e3e5ea;vertical-align:top}
th{font-size:.85rem;color:#5b6270;font-weight:600}.n{text-align:right;white-space:nowrap}
tfoot td{border:0}tfoot tr:last-child td{font-weight:700;border-top:2px solid #1f2430}
small{color:#5b6270}.status{padding:.15rem .7rem;border-radius:1rem;background:#e3e5ea}
.paid,.active{background:#d8f0e0;color:#14532d}.open,.past_due{background:#fdecc8;color:#6b3f00}
form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:.6rem 0}
form.stack{flex-direction:column;align-items:stretch;max-width:26rem}
form.stack label{grid-template-columns:minmax(0,1fr)}
label{display:grid;grid-template-columns:minmax(0,max-content);gap:.2rem;min-width:0;max-width:100%;font-size:.9rem;color:#5b6270}
input,select,button{font:inherit;min-height:2.75rem;padding:.5rem .7rem;border:1px solid #8a91a0;border-radius:.35rem;
background:#fff;color:#1f2430;max-width:100%}input[type=number]{width:7rem}
input[type=checkbox]{width:1.4rem}
button{cursor:pointer;background:#eef0f4}button.main{background:#3d3a8c;border-color:#3d3a8c;
color:#fff}a{color:#3d3a8c}.error{background:#fbe1df;color:#7c1410;padding:.6rem .9rem;
border-radius:.35rem}.note{background:#e4ecfb;padding:.6rem .9rem;border-radius:.35rem}
:focus-visible{outline:3px solid #3d3a8c;outline-offset:2px}
@media print{body{background:#fff;padding:0}main{margin:0;padding:0}}
"""
CARDS = {
    "pm_card_visa": "Visa ending in 4242: pays",
    "pm_card_mastercard": "Mastercard ending in 4444: pays",
    "pm_card_chargeCustomerFail": "Visa ending in 0341: is kept, but every charge fails",
    "pm_card_authenticationRequired": "Visa ending in 3184: asks to confirm each charge",
    "pm_card_chargeDeclined": "Visa ending in 0002: is declined at once",
}


def day(moment: int | None) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%-d %B %Y") if moment else "–"


def document(title: str, body: str, *, wide: bool = False) -> str:
    main = "<main class=wide>" if wide else "<main>"
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f'<meta name=viewport content="width=device-width"><style>{STYLE}</style>{main}{body}'
        "<p><small>Simulated: no money moves.</small></p></main></html>"
    )


def options(choices: Mapping[str, str], chosen: str = "") -> str:
    return "".join(
        f"<option value={escape(value)}{' selected' if value == chosen else ''}>{escape(label)}"
        for value, label in choices.items()
    )


def field(label: str, control: str) -> str:
    return f"<label>{escape(label)}{control}</label>"


def button(action: str, label: str, *, main: bool = False) -> str:
    kind = " class=main" if main else ""
    return f"<button name=action value={action}{kind}>{escape(label)}</button>"


def refused(message: str | None) -> str:
    return f'<p class=error role="alert">{escape(message)}</p>' if message else ""

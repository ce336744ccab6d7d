"""Parts of pages that say the same to everybody who reads one language: rendered once."""

from collections.abc import Callable

from flask import Flask, current_app
from markupsafe import Markup


def init_still(app: Flask, language: Callable[[], str]) -> None:
    rendered: dict[tuple[str, str], Markup] = {}

    def still(template: str) -> Markup:
        here = (template, language())
        if here not in rendered:
            html = current_app.jinja_env.get_template(template).render()
            rendered[here] = Markup(html)  # noqa: S704 - a whole template's output
        return rendered[here]

    app.jinja_env.globals["still"] = still

from pathlib import Path

import pytest

from dev import translations

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
SOURCE = """
from somewhere import _, ngettext
def view(n):
    _("Welcome")
    _("Due on %(date)s", date=n)
    ngettext("One request", "%(num)s requests", n)
"""
GOOD = """
msgid "Welcome"
msgstr "Bienvenue"

msgid "Due on %(date)s"
msgstr "Pour le %(date)s"

msgid "One request"
msgid_plural "%(num)s requests"
msgstr[0] "Une demande"
msgstr[1] "%(num)s demandes"

msgid "Greetings"
msgstr "Salutations"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    templates = tmp_path / "app" / "templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text("<p>{{ _('Greetings') }}</p>")
    (tmp_path / "app" / "views.py").write_text(SOURCE)
    for language in translations.LANGUAGES:
        write(tmp_path, GOOD, language)
    return tmp_path


def write(project: Path, body: str, language: str = "fr") -> None:
    file = translations.po_file(project, language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEADER + body)


def test_complete_catalogues_pass(project: Path) -> None:
    assert translations.problems(project) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('msgid "Welcome"\nmsgstr "Bienvenue"', "", "missing: 'Welcome'"),
        ('"Bienvenue"', '""', "untranslated: 'Welcome'"),
        ('msgid "Welcome"', '#, fuzzy\nmsgid "Welcome"', "fuzzy: 'Welcome'"),
        ("le %(date)s", "le %(jour)s", "unknown placeholder jour: 'Due on %(date)s'"),
        ("le %(date)s", "bientôt", "placeholder left out date: 'Due on %(date)s'"),
        ("%(num)s demandes", "demandes", "placeholder left out num: 'One request'"),
        ('"%(num)s demandes"', '""', "empty plural form: 'One request'"),
        ('"Greetings"', '"Greetingz"', "missing: 'Greetings'"),
        ('"Greetings"', '"Greetingz"', "obsolete: 'Greetingz'"),
    ],
)
def test_what_is_wrong_is_named(project: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    write(project, GOOD.replace(before, after))
    found = [line.split("messages.po: ", 1)[1] for line in translations.problems(project)]
    assert said in found


def test_update_keeps_translations_and_compile_serves_them(project: Path) -> None:
    write(project, GOOD.replace('msgid "Greetings"', 'msgid "Hello"'))
    translations.update(project)
    text = translations.po_file(project, "fr").read_text()
    assert "Bienvenue" in text
    assert "Hello" not in text
    translations.compile_all(project)
    assert translations.po_file(project, "fr").with_suffix(".mo").stat().st_size > 0
    assert [line for line in translations.problems(project) if "untranslated" not in line] == []


def test_a_missing_catalogue_is_a_problem(project: Path) -> None:
    translations.po_file(project, "de").unlink()
    assert translations.problems(project) == [
        "app/translations/de/LC_MESSAGES/messages.po: missing; run make translations"
    ]

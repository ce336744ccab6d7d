import re

import pytest

from tests.factories.people import now


def seen_in(page: str) -> str:
    """The state that the form on this page was made from."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found, "no form to change a person"
    return found[1]


class Office:
    """A company's administrator at the People page, by HTTP."""

    def __init__(self, stage, company, browser):
        self.stage, self.company, self.browser = stage, company, browser

    def url(self, path=""):
        return self.company.url(f"people{path}")

    def page(self, path="", **query):
        answer = self.browser.get(self.url(path), query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path, **data):
        return self.browser.post(self.url(path), data={"client": self.company.slug} | data)

    def invite(self, **data):
        values = {
            "display_name": self.company.text("Nina"), "language": "de", "role": "client_user",
            "email": f"nina-{now().timestamp()}@new.example", "lines": ["finance"],
        }  # fmt: skip
        return self.send("/invite", **(values | data))

    def change(self, person, **data):
        """From the form that stands on the page now."""
        seen = seen_in(self.page(f"/{person.member_id}"))
        return self.send(f"/{person.member_id}", **({"seen": seen, "role": person.role} | data))

    def member(self, email):
        [row] = self.stage.rows(
            "SELECT * FROM members WHERE tenant_id = :t AND email = :e", t=self.company.id, e=email
        )
        return row


@pytest.fixture
def office(stage, world, sign_in_as):
    return Office(stage, world.a, sign_in_as(world.a.admin))

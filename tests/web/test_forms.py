from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from app.web.fields import MoneyField, TrimmedString, plain_number
from app.web.forms import BoundForm
from app.web.messages import by_field
from tenants.core.errors import Conflict
from tests.web.samples import OpenRequest

NBSP = "\u202f"


class Price(Schema):
    amount = MoneyField(currency_field="currency", required=True)
    currency = fields.String()


def bound(gallery, data, schema=OpenRequest, language="en", **kwargs):
    with gallery.test_request_context(headers={"Accept-Language": language}):
        form = BoundForm(schema, MultiDict(data), **kwargs)
        form.load()
        return form


def test_sound_data_is_loaded(gallery):
    form = bound(
        gallery,
        {"title": "  Facture ", "kind": "invoice", "amount": "1 234,5", "due": "2026-12-01",
         "urgent": "1", "email": "", "other": "ignored"},
    )  # fmt: skip
    assert form.status == 200
    assert form.data["title"] == "Facture"
    assert form.data["amount"] == 123450
    assert form.data["urgent"] is True
    assert "email" not in form.data


def test_a_refused_form_keeps_what_was_typed(gallery):
    form = bound(gallery, {"title": "   ", "amount": "12,345 €", "email": "x", "password": "s3"})
    assert form.status == 422
    assert form["title"].errors == ["Please fill in this field."]
    assert form["amount"].value == "12,345 €"
    assert form["email"].errors == ["This e-mail address is not valid."]
    assert form["password"].value is None


def test_the_page_ties_errors_to_their_fields(client):
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/", data={"title": "", "email": "x"}, headers=headers)
    assert answer.status_code == 422
    assert 'id="f-title" name="title" required aria-invalid="true"' in answer.text
    assert 'aria-describedby="f-title-help f-title-error"' in answer.text
    assert '<a href="#f-title">Title</a>' in answer.text


def test_a_domain_error_is_shown_in_the_form(gallery):
    with gallery.test_request_context():
        form = BoundForm(OpenRequest, MultiDict({"title": "x", "kind": "invoice"}))
        assert form.load()
        form.refuse(Conflict("Request %(number)s was closed.", number=7))
        assert form.status == 409
        assert form.form_errors == ["Request 7 was closed."]


def test_stored_values_and_choices_are_offered(gallery):
    with gallery.test_request_context(headers={"Accept-Language": "fr"}):
        form = BoundForm(OpenRequest, values={"amount": 123450, "kind": "payroll"})
        assert form["amount"].value == "1234,50"
        assert form["kind"].input == "select"
        assert form["kind"].chosen("payroll")
        assert form["version"].value == "3"
        assert form.multipart


def test_validators_speak_whatever_was_imported_first(gallery):
    class Rules(Schema):
        number = fields.Integer(validate=validate.Range(min=1, max=5))
        word = fields.String(validate=validate.Length(max=3))
        one = fields.String(validate=validate.OneOf(["a"]))

        lines = fields.List(fields.Nested(Price))

    sent = {"number": 9, "word": "long", "one": "b", "more": 1, "lines": [{"currency": "EUR"}]}
    with gallery.test_request_context():
        with pytest.raises(ValidationError) as caught:
            Rules().load(sent)
        found = by_field(caught.value)
    assert found == {
        "lines.0.amount": ["Please fill in this field."],
        "number": ["Choose a value between 1 and 5."],
        "word": ["Write at most 3 characters."],
        "one": ["Choose one of the values offered."],
        "more": ["This field does not exist."],
    }


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("12", 1200), ("12,5", 1250), ("1 234,50", 123450), (f"1{NBSP}234,50", 123450),
     ("1.234,50", 123450), ("1,234.50", 123450), ("1'234.50", 123450), ("1.234.567", 123456700),
     ("1,234,567.8", 123456780), (7, 700)],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(gallery, typed, minor):
    with gallery.test_request_context():
        assert Price().load({"amount": typed, "currency": "EUR"})["amount"] == (minor, "EUR")


@pytest.mark.parametrize(
    "typed", ["", "1,234", "1.234", "12,345", "1.23.4", "abc", "1e5", "-1", "NaN", 1.5, True, "٣"]
)
def test_what_could_mean_two_amounts_is_asked_again(gallery, typed):
    with gallery.test_request_context(), pytest.raises(ValidationError):
        Price().load({"amount": typed, "currency": "EUR"})


def test_currencies_have_their_own_decimals(gallery):
    with gallery.test_request_context():
        assert Price().load({"amount": "1.234", "currency": "KWD"})["amount"] == (1234, "KWD")
        with pytest.raises(ValidationError):
            Price().load({"amount": "12.5", "currency": "JPY"})
        with pytest.raises(ValidationError, match="currency"):
            Price().load({"amount": "12.5"})


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_every_amount_survives_each_notation(amount: Decimal):
    english = f"{amount:,.2f}"
    french = english.replace(",", NBSP).replace(".", ",")
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, french, german):
        assert Decimal(plain_number(text, 2)) == amount


def test_blank_text_is_missing_text(gallery):
    class Note(Schema):
        body = TrimmedString(required=True)

    with gallery.test_request_context(), pytest.raises(ValidationError):
        Note().load({"body": " \n "})

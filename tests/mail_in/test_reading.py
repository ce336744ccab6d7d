"""What is read from a mail, and what of it is believed."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail_in.reading import message
from app.mail_in.reading.authentication import aligned
from app.mail_in.reading.message import Mail, Unreadable, fingerprint, head_of
from app.mail_in.reading.quoting import split
from tests.mail_in.writing import AUTHSERV, OWN_DOMAIN, letter, raw, result

ANNA = "anna@lentier.example"


def read(mail: bytes, *, envelope_from: str = ANNA) -> Mail:
    return message.read(
        mail, envelope_from=envelope_from, authserv_id=AUTHSERV, own_domain=OWN_DOMAIN
    )


def proven(mail: bytes) -> bool:
    found = read(mail)
    return found.findings.proves(found.head.sender)


def with_results(*results: str, sender: str = ANNA) -> bytes:
    return letter(sender, "x@in.example", results=list(results))


@pytest.mark.parametrize(
    "lines",
    [
        [result("lentier.example")],
        [f"{AUTHSERV.upper()}; DKIM=PASS header.d=Lentier.Example"],
        [f"{AUTHSERV} 1; dkim=pass (good) header.i=@lentier.example header.b=abc"],
        [f"{AUTHSERV}; dkim=fail header.d=lentier.example; dkim=pass header.d=lentier.example"],
        # Another server's finding stands above and below ours.
        [result("x.example", server="mx.other.example"), result("lentier.example")],
    ],
)
def test_an_aligned_signature_proves_the_sender(lines: list[str]) -> None:
    assert proven(with_results(*lines))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [result("evil.example")],
        [result("evil-lentier.example")],
        [result("example")],
        [result("mail.lentier.example")],
        [result("lentier.example", outcome="fail")],
        [result("lentier.example", outcome="none")],
        [f"{AUTHSERV}; none"],
        [f"{AUTHSERV}; spf=pass smtp.mailfrom=lentier.example"],
        # Written by the sender, or by a server that isn't ours.
        [result("lentier.example", server="mx.other.example")],
        [result("lentier.example", server=f"{AUTHSERV}.evil.example")],
        [f"mx.other.example; dkim=pass header.d=x; {result('lentier.example')}"],
        # The topmost of ours counts, not what the sender put below it.
        [result("evil.example"), result("lentier.example")],
        [f"{AUTHSERV}; dkim=fail header.d=lentier.example", result("lentier.example")],
        # A comment says nothing, and what can't be read says nothing.
        [f"{AUTHSERV}; dkim=none (dkim=pass header.d=lentier.example)"],
        [f"{AUTHSERV}; dkim=pass header.d=lentier.example; ((("],
        [f"{AUTHSERV}; dkim=pass" + " header.d=lentier.example" * 900 + " ("],
    ],
)
def test_nothing_else_does(lines: list[str]) -> None:
    assert not proven(with_results(*lines))


def test_results_are_unfolded() -> None:
    folded = raw(
        f"Authentication-Results: {AUTHSERV};\n\tdkim=pass\n  header.d=lentier.example\n"
        f"From: Anna\n <{ANNA}>\nSubject: a\n long\n subject"
    )
    assert proven(folded)
    assert head_of(folded).subject == "a long subject"


def test_without_a_server_of_ours_nobody_is_proven() -> None:
    mail = with_results(result("lentier.example"))
    found = message.read(mail, envelope_from=ANNA, authserv_id="", own_domain=OWN_DOMAIN)
    assert not found.findings.proves(ANNA)


@given(st.text("abc.", max_size=12), st.text("abc.", max_size=12))
def test_alignment_is_equality_or_a_parent(signing: str, sender: str) -> None:
    if aligned(signing, sender):
        assert "." in signing.strip(".")
        assert f".{sender.rstrip('.')}".endswith(f".{signing.rstrip('.')}")


@pytest.mark.parametrize(
    "lines",
    [
        f"From: {ANNA}\nFrom: mallory@evil.example",
        f"From: {ANNA}, mallory@evil.example",
        "From: undisclosed recipients:;",
        "Subject: none at all",
        "From: Anna",
        f"From: {ANNA}@evil.example",
    ],
)
def test_a_mail_has_one_sender_or_none(lines: str) -> None:
    assert head_of(raw(lines)).sender == ""


def test_a_name_is_no_address() -> None:
    head = head_of(raw(f'From: "{ANNA}" <mallory@evil.example>'))
    assert head.sender == "mallory@evil.example"
    assert head_of(raw(f"From: Anna <{ANNA.upper()}>")).sender == ANNA


@pytest.mark.parametrize(
    ("head", "envelope_from", "why"),
    [
        ("Auto-Submitted: auto-replied", ANNA, "automatic"),
        ("Auto-Submitted: auto-generated (vacation)", ANNA, "automatic"),
        ("Precedence: bulk", ANNA, "automatic"),
        ("Precedence: LIST", ANNA, "automatic"),
        ("X-Autoreply: yes", ANNA, "automatic"),
        ("X-Autorespond: away", ANNA, "automatic"),
        ("List-Id: <news.example>", ANNA, "automatic"),
        ("Subject: x", "", "bounce"),
        ("Subject: x", "<>", "bounce"),
        ("Content-Type: multipart/report; boundary=x", ANNA, "bounce"),
        ("X-Coulisse: 1", ANNA, "loop"),
        (f"Message-ID: <01a20398-c047-7a09-98ef-afeebeaad3ea@{OWN_DOMAIN}>", ANNA, "loop"),
        (f"Message-ID: <1B2E0398-C047-4A09-98EF-AFEEBEAAD3EA@{OWN_DOMAIN}>", ANNA, ""),
        ("Auto-Submitted: no", ANNA, ""),
        ("Precedence: first-class", ANNA, ""),
        ("Subject: Re: Auto-Submitted", ANNA, ""),
    ],
)
def test_automatic_mails_are_known(head: str, envelope_from: str, why: str) -> None:
    assert read(raw(f"From: {ANNA}\n{head}"), envelope_from=envelope_from).automatic == why


def test_plain_words_come_before_html() -> None:
    mail = letter(ANNA, "x@in.example", "plain words", html="<p>other <b>words</b></p>")
    assert read(mail).text == "plain words"


def test_html_is_read_as_words_only() -> None:
    mail = raw(
        "From: a@b.example\nContent-Type: text/html; charset=utf-8",
        '<p>Hello<br>there</p><script>alert(1)</script><div style="display:none">hidden</div>'
        '<img src="https://tracker.example/x.png"><ul><li>one<li>two</ul><!-- no -->'
        '<a href="https://evil.example">our bank</a>',
    )
    text = read(mail).text
    assert text == "Hello\nthere\n\n- one\n- two\nour bank"


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-8", "été".encode("latin-1"), "été"),
        ("no-such-charset", "été".encode(), "été"),
        ("us-ascii", "été".encode(), "été"),
        ("iso-8859-15", "10 €".encode("iso-8859-15"), "10 €"),
        ("utf-8", b"a\x00b\x07c", "abc"),
        ("utf-8", b"", ""),
    ],
)
def test_a_wrong_charset_loses_nothing(charset: str, body: bytes, text: str) -> None:
    assert (
        read(raw(f"From: {ANNA}\nContent-Type: text/plain; charset={charset}", body)).text == text
    )


def test_flowed_lines_are_joined() -> None:
    body = "This is one \nline.\n\n-- \nAnna"
    mail = raw(f"From: {ANNA}\nContent-Type: text/plain; format=flowed", body)
    assert read(mail).text == "This is one line.\n\n--\nAnna"


def test_nested_parts_and_files() -> None:
    inner = letter("x@y.example", "z@y.example", "forwarded words", subject="Inner")
    mail = letter(
        ANNA, "x@in.example", "see below", html="<p>see below</p>",
        files=[("Rechnung é.pdf", "application/pdf", b"%PDF-1.7"),
               ("invite.ics", "text/calendar", b"BEGIN:VCALENDAR"),
               ("old.eml", "application/octet-stream", inner)],
    )  # fmt: skip
    found = read(mail)
    assert found.text == "see below"
    assert [(one.name, one.refused) for one in found.attachments] == [
        ("Rechnung é.pdf", ""), ("invite.ics", ""), ("old.eml", ""),
    ]  # fmt: skip


def test_an_invitation_within_the_words_stays_a_file() -> None:
    mail = raw(
        f"From: {ANNA}\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x",
        "--x\r\nContent-Type: text/plain\r\n\r\nLet us meet\r\n--x\r\n"
        "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--x--\r\n",
    )
    found = read(mail)
    assert (found.text, [one.name for one in found.attachments]) == (
        "Let us meet",
        ["attachment.ics"],
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("winmail.dat", b"\x78\x9f\x3e\x22", "Outlook"),
        ("setup.exe", b"x", "Programs"),
        ("invoice.pdf.js", b"x", "Programs"),
        ("invoice.pdf", b"MZ\x90\x00", "Programs"),
        ("page.html", b"<script>", "Programs"),
        ("sheet.xlsm", b"PK", "Programs"),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_some_files_are_not_taken(name: str, content: bytes, words: str) -> None:
    mail = letter(ANNA, "x@in.example", files=[(name, "application/octet-stream", content)])
    [found] = read(mail).attachments
    assert words in found.refused


def test_twenty_files_at_most() -> None:
    files = [(f"{n}.txt", "application/octet-stream", b"x") for n in range(23)]
    found = read(letter(ANNA, "x@in.example", files=files)).attachments
    assert [bool(one.refused) for one in found] == [False] * 20 + [True] * 3


def test_a_file_name_is_only_a_name() -> None:
    content = base64.b64encode(b"x").decode()
    mail = raw(
        f"From: {ANNA}\nMIME-Version: 1.0\nContent-Type: application/pdf\n"
        'Content-Disposition: attachment; filename="../../etc/pass\u202ewd"\n'.replace("\u202e", "")
        + "Content-Transfer-Encoding: base64",
        content,
    )
    [found] = read(mail).attachments
    assert found.name == "passwd"


def test_small_pictures_of_a_signature_are_left_out() -> None:
    head = f"From: {ANNA}\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=x"
    picture = "Content-Type: image/png\r\nContent-ID: <logo>\r\n\r\n"
    body = f"--x\r\nContent-Type: text/plain\r\n\r\nHi\r\n--x\r\n{picture}tiny\r\n--x\r\n{picture}"
    found = read(raw(head, f"{body}{'x' * 20_000}\r\n--x--\r\n"))
    assert [len(one.content) for one in found.attachments] == [20_000]


def test_thirty_megabytes_are_read_in_time() -> None:
    mail = letter(ANNA, "x@in.example", files=[("big.pdf", "application/pdf", b"x" * 22_000_000)])
    assert len(mail) > 29_000_000
    began = time.monotonic()
    [found] = read(mail).attachments
    assert "20 MB" in found.refused
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("depth", [30, 3000])
def test_a_mail_of_boxes_in_boxes_is_refused(depth: int) -> None:
    body = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)
    )
    with pytest.raises(Unreadable):
        read(f"From: {ANNA}\r\n{body}".encode())


def test_a_mail_of_thousands_of_parts_is_refused() -> None:
    part = "--x\r\nContent-Type: application/pdf\r\n\r\nx\r\n"
    with pytest.raises(Unreadable):
        read(raw(f"From: {ANNA}\nContent-Type: multipart/mixed; boundary=x", part * 500))


def test_a_head_without_an_end_is_not_read() -> None:
    endless = b"A: b\r\n" * 1_000_000
    began = time.monotonic()
    assert head_of(b"From: a@b.example\r\n" + endless).sender == "a@b.example"
    fingerprint(endless)
    with pytest.raises(Unreadable):
        read(endless)
    assert time.monotonic() - began < 10


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    for mail in (content, b"From: a@b.example\r\n" + content,
                 b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + content):  # fmt: skip
        fingerprint(mail)
        try:
            found = read(mail)
        except Unreadable:
            continue
        assert "\0" not in found.text
        found.head.subject.encode()


def test_a_mail_handed_over_again_is_the_same() -> None:
    mail = letter(ANNA, "x@in.example", "words", message_id="<1@lentier.example>")
    again = b"Received: from a by b\r\nDelivered-To: x\r\n" + mail.replace(b"\r\n", b"\n")
    assert fingerprint(mail) == fingerprint(again)
    other = letter(ANNA, "x@in.example", "other words", message_id="<1@lentier.example>")
    assert fingerprint(mail) != fingerprint(other)


@pytest.mark.parametrize(
    "history",
    [
        "On Mon, Nov 2, 2026 at 10:00 AM Coulisse <x@y.example> wrote:\n> old\n> words",
        "On Mon, Nov 2, 2026 at 10:00 AM\nCoulisse <x@y.example>\nwrote:\n\n> old",
        "Le lun. 2 nov. 2026 à 10:00, Coulisse <x@y.example> a écrit :\n\n> old",
        "Am 02.11.2026 um 10:00 schrieb Coulisse:\n> alt",
        "-----Original Message-----\nFrom: x\nold",
        "----- Message d'origine -----\nold",
        "-----Ursprüngliche Nachricht-----\nalt",
        "From: Coulisse <x@y.example>\nSent: Monday\nTo: Anna\nSubject: Re: x\n\nold",
        "De : Coulisse <x@y.example>\nEnvoyé : lundi\nÀ : Anna\n\nold",
        "Von: Coulisse <x@y.example>\nGesendet: Montag\nAn: Anna\n\nalt",
        "> old\n> words",
    ],
)
def test_history_is_folded_away_and_kept(history: str) -> None:
    found = split(f"My answer.\n\nAnna\n\n{history}")
    assert (found.new, found.quoted) == ("My answer.\n\nAnna", history)


def test_answers_in_between_and_below_are_kept_whole() -> None:
    between = "On Monday, the 2nd, X wrote:\n> one?\nYes.\n> two?\nNo."
    assert split(between).new == between
    above = f"See below.\n\n{between}"
    assert split(above).new == above
    below = split("On Monday, the 2nd, X wrote:\n> one?\n\nYes.")
    assert (below.new, below.quoted) == ("Yes.", "On Monday, the 2nd, X wrote:\n> one?")


@pytest.mark.parametrize(
    "text",
    ["", "From: the bank we heard nothing", "> only a quotation", "On time we wrote: nothing",
     "-----Original Message-----\nforwarded"],
)  # fmt: skip
def test_without_history_all_words_are_new(text: str) -> None:
    assert split(text).new == text
    assert split(text).quoted == ""


@given(st.text("On wrote:\n> aÀ", max_size=300))
def test_no_word_is_lost(text: str) -> None:
    found = split(text)
    whole = "".join(text.split())
    assert "".join(found.new.split()) in whole
    assert len("".join((found.new + found.quoted).split())) == len(whole)

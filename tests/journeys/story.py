"""The stations of one payment control, each played by the person whose turn it is."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from app.finance.demo_files import DemoFiles
from tests.journeys.furnishing import made_files, uploads
from tests.journeys.visits import People, Visit
from tests.journeys.words import said

SLUG, CODE, CLIENT = "forgeval", "FOV", "Forgeval Industrie"
MONTH = date(2026, 8, 1)
OPERATOR, SUPERVISOR = "operator1@coulisse.example", "supervisor@coulisse.example"
USER, APPROVER, ADMIN = (f"{who}@{SLUG}.example" for who in ("user", "approver", "admin"))
QUESTION = "Le virement « Danke » vient-il d'un de vos clients ?"
ANSWER = "Oui, de la société Pauli, pour un acompte sans facture."
NOTE = "Note entre nous : MARMELADE-4471, la comptable change en décembre."
FINDING = "La ligne « Abonnement » mérite une phrase dans la note."
MINUTES = 95


@dataclass
class Story:
    people: People
    language: str = "fr"
    slug: str = SLUG
    code: str = CODE
    files: DemoFiles = field(default_factory=lambda: made_files(4471, MONTH, CLIENT))
    number: int = 0

    def say(self, source: str, **values: object) -> str:
        return said(self.language, source, **values)

    @property
    def prefix(self) -> str:
        """Of the pictures: French ones have none."""
        return "" if self.language == "fr" else f"{self.language}-"

    @property
    def user(self) -> str:
        return f"user@{self.slug}.example"

    @property
    def approver(self) -> str:
        return f"approver@{self.slug}.example"

    @property
    def path(self) -> str:
        return f"/c/{self.slug}/requests/{self.number}"

    @property
    def bench(self) -> str:
        return f"{self.path}/payment-control"

    @property
    def lines(self) -> int:
        """Counted in the file that was sent, by nobody's parser of ours."""
        return self.files.statement_xml.count(b"<Ntry>")

    def raised(self) -> None:
        with self.people.visit(self.user) as visit:
            page = visit.go("/").page
            page.wait_for_url(f"**/c/{self.slug}/")
            visit.station(self.prefix + "01-accueil-client")
            page.get_by_role("link", name=self.say("New request")).first.click()
            visit.station(self.prefix + "02-catalogue")
            page.get_by_role("link", name=self.say("Payment control")).first.click()
            page.fill("[name=period]", f"{MONTH:%Y-%m}")
            page.fill("[name=details]", "Comme chaque mois, merci.")
            for name, file in uploads(self.files).items():
                page.set_input_files(f"[name={name}]", file)
            visit.station(self.prefix + "03-demande")
            page.get_by_role("button", name=self.say("Send the request")).click()
            page.wait_for_url(f"**/c/{self.slug}/requests/*")
            self.number = int(page.url.rsplit("/", 1)[1])
            panel = page.locator("#payment-control")
            expect(panel).to_be_visible()
            visit.shot(self.prefix + "04-lecture-en-cours")
            expect(panel.get_by_role("link", name=self.say("See the lists"))).to_be_visible(
                timeout=30_000
            )
            expect(panel).to_contain_text(str(self.lines))
            visit.station(self.prefix + "05-fichiers-lus")

    def taken_by_keyboard(self) -> None:
        with self.people.visit(OPERATOR) as visit:
            page = visit.go("/").page
            page.wait_for_url("**/desk*")
            rows = page.locator("[data-key-of]")
            expect(rows.first).to_be_visible()
            keys = [str(row.get_attribute("data-key-of")) for row in rows.all()]
            assert {key.split("/")[0] for key in keys} >= {self.slug, "lentier", "hallertau"}
            mine = f"{self.slug}/{self.number}"
            for _ in range(keys.index(mine) + 1):
                page.keyboard.press("j")
            page.keyboard.press("k")
            page.keyboard.press("j")
            assert focused_row(page) == mine
            page.keyboard.press("Enter")
            page.wait_for_selector(f'#request[data-open="{mine}"]')
            visit.station(self.prefix + "06-bureau")
            page.keyboard.press("a")
            expect(page.locator(".detail-state")).to_contain_text(self.say("Assigned"))
            expect(page.locator(".detail-state")).to_contain_text("Inès Vidal")
            page.keyboard.press("e")
            expect(page.locator(".detail-state")).to_contain_text(self.say("In progress"))
            page.keyboard.press("n")
            page.keyboard.type(NOTE)
            page.keyboard.press("Control+Enter")
            expect(page.locator(".bubble-note")).to_contain_text("MARMELADE-4471")
            page.keyboard.press("q")
            page.keyboard.type(QUESTION)
            page.keyboard.press("Control+Enter")
            expect(page.locator(".detail-state")).to_contain_text(self.say("Waiting for client"))
            visit.station(self.prefix + "07-question-posee")

    def answered(self) -> None:
        with self.people.visit(self.user) as visit:
            page = visit.go("/").page
            todo = page.locator("#todo-waiting_client")
            expect(todo).to_have_text(self.say("To provide"))
            visit.station(self.prefix + "08-accueil-a-fournir")
            page.locator(f'.todo-row a[href="{self.path}"]').click()
            expect(page.locator("blockquote")).to_have_text(QUESTION)
            page.fill("textarea[name=answer]", ANSWER)
            visit.station(self.prefix + "09-reponse")
            page.keyboard.press("Control+Enter")
            expect(page.locator(".detail-state")).to_contain_text(self.say("In progress"))

    def matched(self, folder: Path) -> None:
        with self.people.visit(OPERATOR) as visit:
            page = visit.go(self.path).page
            expect(page.locator(".thread")).to_contain_text(ANSWER)
            page.locator("#payment-control").get_by_role(
                "link", name=self.say("Open the workbench")
            ).click()
            page.wait_for_url("**/payment-control*")
            visit.station(self.prefix + "10-pointage")
            self._confirm_good_ones(visit)
            self._undo_one_and_match_by_hand(visit)
            self._decide_the_rest(visit)
            self._report(visit, folder)

    def _confirm_good_ones(self, visit: Visit) -> None:
        page = visit.go(self.bench).page
        choice = page.locator(".wb-all select")
        assert count_of(page, "proposed") > 30
        for _ in range(6):
            # the certain ones first, then what is left
            shown = choice.locator("option").first.get_attribute("value")
            page.locator(".wb-all button").click()
            expect(page.locator(f".wb-all option[value='{shown}']")).to_have_count(0)
            if not choice.count():
                break
        expect(page.locator(".wb-all")).to_have_count(0)
        assert count_of(page, "confirmed") > 30
        visit.station(self.prefix + "11-tout-confirme")

    def _undo_one_and_match_by_hand(self, visit: Visit) -> None:
        page = visit.go(f"{self.bench}?view=confirmed").page
        line = page.locator(f"#{page.locator('.line').first.get_attribute('id')}")
        number = line.locator(".match-item strong").first.inner_text()
        line.get_by_role("button", name=self.say("Undo %(number)s", number=number)).first.click()
        expect(line.locator(".match")).to_have_count(0)
        line.get_by_role("link", name=self.say("Match by hand")).click()
        line.locator("input[name=q]").fill(number)
        expect(line.locator(".found")).to_have_count(1)
        line.locator(".found input[name=item_id]").check()
        line.locator("input[name=note]").last.fill("vérifié au téléphone")
        visit.station(self.prefix + "12-a-la-main")
        line.get_by_role("button", name=self.say("Match for %(code)s", code=self.code)).click()
        expect(line.locator(".match-confirmed")).to_contain_text("vérifié au téléphone")

    def _decide_the_rest(self, visit: Visit) -> None:
        """Two invoices could be what one line pays; fees and unknown payers stay open."""
        page = visit.go(f"{self.bench}?view=unmatched").page
        page.locator(".doubt-choices button").first.click()
        expect(page.locator(".doubt-choices")).to_have_count(0)
        visit.go(f"{self.bench}?view=unmatched")
        for line in page.locator(".line").all():
            own = page.locator(f"#{line.get_attribute('id')}")
            own.focus()
            page.keyboard.press("o")
            page.keyboard.type("frais ou versement sans facture")
            page.keyboard.press("Control+Enter")
            expect(own.locator(".line-note")).to_be_visible()
        visit.station(self.prefix + "13-laisse-ouvert")
        assert count_of(page, "unmatched") == 0
        left_open, confirmed = count_of(page, "left_open"), count_of(page, "confirmed")
        assert left_open > 15
        assert left_open + confirmed == self.lines

    def _report(self, visit: Visit, folder: Path) -> None:
        page = visit.page
        page.get_by_role(
            "button", name=self.say("Create the report for %(code)s", code=self.code)
        ).click()
        files = page.locator("#report .file-row")
        expect(files).to_have_count(2, timeout=60_000)
        for row in files.all():
            with page.expect_download() as waiting:
                row.locator("a[download]").click()
            waiting.value.save_as(folder / waiting.value.suggested_filename)
        visit.station(self.prefix + "14-rapport")

    def handed_over(self) -> None:
        with self.people.visit(OPERATOR) as visit:
            page = visit.go(self.path).page
            page.keyboard.press("t")
            page.fill("[name=minutes]", f"{MINUTES // 60}:{MINUTES % 60:02d}")
            page.fill("[name=activity]", "Pointage du mois et contrôle des écarts")
            visit.shot(self.prefix + "15-temps")
            page.get_by_role("button", name=self.say("Record for %(code)s", code=self.code)).click()
            expect(page.locator(".time-list")).to_contain_text("Pointage du mois")
            page.get_by_role("button", name=self.say("To the quality check")).click()
            expect(page.locator(".detail-state")).to_contain_text(self.say("In quality check"))
            expect(page.locator("#now-title")).to_have_text(
                self.say("Somebody else has to check it")
            )
            assert page.locator("form[action$='/pass']").count() == 0
            visit.station(self.prefix + "16-remis-au-controle")

    def returned(self) -> None:
        with self.people.visit(SUPERVISOR) as visit:
            page = visit.go("/desk?view=in_review").page
            page.keyboard.press("j")
            page.keyboard.press("Enter")
            page.wait_for_selector(f'#request[data-open="{self.slug}/{self.number}"]')
            visit.station(self.prefix + "17-controle")
            page.get_by_text(self.say("Return with findings")).click()
            page.select_option("[name=kind]", "missing")
            page.fill("[name=findings]", FINDING)
            page.locator("form[action$='/return'] button").click()
            expect(page.locator(f'[data-key-of="{self.slug}/{self.number}"]')).to_have_count(0)

    def corrected(self) -> None:
        with self.people.visit(OPERATOR) as visit:
            page = visit.go(self.path).page
            expect(page.locator(".thread")).to_contain_text(FINDING)
            visit.station(self.prefix + "18-constat")
            page.get_by_role("checkbox", name=FINDING).click()
            expect(page.get_by_role("checkbox", name=FINDING)).to_be_checked()
            page.keyboard.press("e")
            expect(page.locator(".detail-state")).to_contain_text(self.say("In quality check"))

    def passed(self) -> None:
        with self.people.visit(SUPERVISOR) as visit:
            page = visit.go(self.path).page
            page.get_by_label(FINDING).first.check()
            page.get_by_role("button", name=self.say("All fixed: pass")).click()
            expect(page.locator(".detail-state")).to_contain_text(self.say("Awaiting approval"))

    def approved(self) -> None:
        account = self.people.account(self.approver)
        with self.people.visit(self.approver) as visit:
            page = visit.go("/").page
            expect(page.locator("#todo-awaiting_approval")).to_have_text(self.say("To decide"))
            visit.station(self.prefix + "19-accueil-a-decider")
            page.locator(f'.todo-row a[href="{self.path}"]').click()
            visit.station(self.prefix + "20-approbation", whole=True)
            page.fill("[name=code]", "000000")
            page.get_by_role("button", name=self.say("Approve and release")).click()
            expect(
                page.locator("[name=code][aria-invalid=true], [data-look]").first
            ).to_be_visible()
            page.fill("[name=code]", self.people.codes.next(account))
            page.get_by_role("button", name=self.say("Approve and release")).click()
            expect(page.locator(".detail-state")).to_contain_text(self.say("Done, please confirm"))

    def closed(self) -> None:
        with self.people.visit(self.user) as visit:
            page = visit.go("/").page
            page.locator(f'.todo-row a[href="{self.path}"]').click()
            visit.station(self.prefix + "21-livre")
            page.get_by_role("button", name=self.say("Confirm and close")).click()
            expect(page.locator(".detail-state")).to_contain_text(self.say("Closed"))
            visit.station(self.prefix + "22-clos")


def focused_row(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.closest('[data-key-of]')?.dataset.keyOf ?? ''")
    )


def count_of(page: Page, view: str) -> int:
    """The figure beside a view of the workbench."""
    shown = page.locator(f'.views a[href$="view={view}"] .num').inner_text()
    return int("".join(filter(str.isdigit, shown)))

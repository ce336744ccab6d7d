"""The terminal's way in: `coulisse GROUP COMMAND`. A module adds its group with `@cli.group()`."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

import click

from app.hr.payroll.commands import payroll
from app.provider.countries import ZONES
from billing.commands import sim
from tenants.company import find_tenant
from tenants.core.errors import CoulisseError
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor, system_actor


@contextmanager
def application() -> Iterator[None]:
    """The product without a web server, its database and keys at hand."""
    from app.factory import create_app

    with create_app().app_context():
        yield


@click.group()
def cli() -> None:
    """Coulisse from the terminal."""


@cli.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the tables and the catalogue up to date (as the owner: DATABASE_OWNER_URL)."""
    from alembic import command
    from alembic.config import Config

    import migrations
    from app.catalogue.shipping import ship_to
    from tenants.core import clock

    if not os.environ.get("DATABASE_OWNER_URL"):
        raise click.ClickException("DATABASE_OWNER_URL is not set.")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__ or "").parent))
    command.upgrade(config, "head")
    for line in ship_to(os.environ["DATABASE_OWNER_URL"], now=clock.real_now()):
        click.echo(line)


@cli.group()
def demo() -> None:
    """The demonstration."""


@demo.command()
def seed() -> None:
    """Provider, three client companies and their people; a second run changes nothing."""
    from app.demo.accounts import file
    from app.demo.seed import seed as fill
    from tenants.core import clock

    with application():
        fill(now=clock.now())
    click.echo(f"accounts in {file()}")


@demo.command()
@click.option("--tenant", "slug", required=True, help="The client's short name, like lentier.")
@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--month", metavar="YYYY-MM", help="Default: the month before the seeded one.")
@click.option("--seed", "number", type=int, help="The same number gives the same files again.")
def files(slug: str, folder: Path, month: str | None, number: int | None) -> None:
    """Write fresh open items and a bank statement, for trying a payment control out."""
    import secrets
    from datetime import date

    from app.demo.cast import CLIENTS
    from app.demo.payments import files_of, month_before
    from tenants.core import clock

    client = next((one for one in CLIENTS if one.slug == slug), None)
    if client is None:
        known = ", ".join(one.slug for one in CLIENTS)
        raise click.BadParameter(f"one of {known}", param_hint="--tenant")
    try:
        first = date.fromisoformat(f"{month}-01") if month else month_before(clock.now().date(), 2)
    except ValueError as error:
        raise click.BadParameter("a month like 2026-10", param_hint="--month") from error
    number = secrets.randbelow(900_000) + 100_000 if number is None else number
    made = files_of(client, month=first, seed=number)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        (f"open-items-{first:%Y-%m}.csv", made.open_items_csv),
        (f"statement-{first:%Y-%m}.xml", made.statement_xml),
    ):
        (folder / name).write_bytes(content)
        click.echo(folder / name)
    click.echo(f"seed {number}")


@cli.group()
def provider() -> None:
    """The provider: its beginning, and a way in when nobody else has one."""


@contextmanager
def _as_provider() -> Iterator[tuple[Actor, datetime]]:
    """One transaction in the provider's own tenant, by the machine's time."""
    from tenants import scoping
    from tenants.core import clock
    from tenants.core.db import unit_of_work

    with application(), unit_of_work():
        scoping.enter(scoping.Scope(tenant_id=PROVIDER_TENANT, side="provider"))
        yield system_actor(PROVIDER_TENANT), clock.real_now()


def _administrator(email: str, name: str, language: str, actor: Actor, now: datetime) -> str:
    """The link of their invitation."""
    from tenants.services import invitations, staff

    staff.add_staff(
        email=email, display_name=name, role="provider_admin", language=language,
        actor=actor, now=now,
    )  # fmt: skip
    reader = invitations.start_link(
        email=email,
        purpose="invitation",
        lifetime=invitations.INVITATION_LIFETIME,
        base_url=os.environ["COULISSE_BASE_URL"].rstrip("/"),
    )
    if reader is None:
        raise click.ClickException(f"The account {email} is closed: take another address.")
    return reader.link


@provider.command()
@click.option("--name", required=True, help="The provider's own name, like “Cabinet Morel”.")
@click.option("--country", required=True, type=click.Choice(list(ZONES), case_sensitive=False))
@click.option("--language", required=True, type=click.Choice(["fr", "de", "en"]))
@click.option("--email", required=True, help="Of the first administrator.")
@click.option("--person", required=True, help="The first administrator's name.")
@click.option("--time-zone", help="Default: the usual one of the country.")
def init(
    name: str, country: str, language: str, email: str, person: str, time_zone: str | None
) -> None:
    """Begin an installation: the provider, and its first administrator's invitation."""
    from tenants import queries
    from tenants.services import companies

    if time_zone is not None and time_zone not in available_timezones():
        raise click.BadParameter("a zone like Europe/Paris", param_hint="--time-zone")
    with _as_provider() as (actor, now):
        known = find_tenant()
        if known is not None and queries.list_staff():
            raise click.ClickException(
                f"The provider exists already: {known.name}. Nothing was added."
                " Its administrators invite others on the page “Staff”."
            )
        companies.begin_provider(
            name=name, country=country, language=language, time_zone=time_zone or ZONES[country],
            actor=actor, now=now,
        )  # fmt: skip
        link = _administrator(email, person, language, actor, now)
    click.echo(f"{name} begins. {person} opens this link within seven days:")
    click.echo(link)


@provider.command()
@click.argument("email")
@click.argument("name")
@click.option("--language", type=click.Choice(["fr", "de", "en"]), default="en")
def administrator(email: str, name: str, language: str) -> None:
    """The emergency way in: one more administrator, whose link is printed."""
    from tenants.services import companies

    with _as_provider() as (actor, now):
        companies.ensure_provider(now=now)
        link = _administrator(email, name, language, actor, now)
    click.echo(link)


@cli.group()
def token() -> None:
    """Tokens of the API."""


@token.command()
@click.option("--tenant", "slug", required=True, help="The client's short name, like lentier.")
@click.option(
    "--email", required=True, help="Whose token it is: it acts with this person's rights."
)
@click.option("--name", required=True, help="The program that will use it.")
@click.option("--scope", "scopes", required=True, multiple=True, help="Like requests:read.")
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True)
def create(slug: str, email: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token and print it; it is shown this once."""
    from datetime import timedelta

    from app.auth.workspaces import actor_in
    from app.tokens.services import create_token
    from tenants.core import clock
    from tenants.core.db import unit_of_work

    with application(), unit_of_work():
        made = create_token(
            actor=actor_in(email=email, slug=slug), now=clock.real_now(), name=name,
            scopes=scopes, lifetime=timedelta(days=days), has_second_factor=False,
        )  # fmt: skip
        plain = made.plain
    click.echo(plain)


cli.add_command(sim)
cli.add_command(payroll)


@cli.group()
def billing() -> None:
    """Plans and prices at Stripe."""


@billing.command("push-catalogue")
@click.option("--yes", is_flag=True, help="Without asking.")
def push_catalogue(yes: bool) -> None:
    """Show which products, meters and prices Stripe doesn't have yet, and make them."""
    from billing import pushing
    from billing.connection import gateway
    from billing.gateway import StripeRefused, StripeUnavailable

    with _as_provider():
        try:
            changes = pushing.planned()
            for change in changes:
                click.echo(str(change))
            if not changes:
                click.echo("Stripe has everything. Nothing to do.")
                return
            if not yes:
                click.confirm(f"Make these {len(changes)} at Stripe?", abort=True)
            pushing.push(gateway(), changes)
        except (pushing.Differs, StripeRefused, StripeUnavailable) as error:
            raise click.ClickException(str(error)) from error
    click.echo("Done.")


@cli.group()
def rules() -> None:
    """Rule sets that files are checked by, beside those that come with the product."""


@rules.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", default="", help="Where the file doesn't say it itself.")
@click.option("--older", is_flag=True, help="Replace a later version all the same.")
def add(file: Path, version: str, older: bool) -> None:
    """Add the rule sets of FILE: a ZIP of KoSIT (XRechnung), or one file .xsl or .sch (Peppol)."""
    from app.documents.checking.services import add_packs

    with _as_provider() as (actor, now):
        added = add_packs(
            file_name=file.name, content=file.read_bytes(), version=version, older=older,
            actor=actor, now=now,
        )  # fmt: skip
        for pack in added:
            click.echo(f"{pack.name} {pack.version}: {pack.rules} rules, SHA-256 {pack.sha256}")
        if not added:
            click.echo("These very rule sets are installed already. Nothing was changed.")


@rules.command("list")
def list_rules() -> None:
    """Show every rule set, and which ones are missing."""
    from app.documents.checking.installed import current
    from app.documents.checking.packs import INSTALLABLE, packaged

    with _as_provider():
        installed = {pack.name: pack for pack in current()}
        for own in packaged().values():
            click.echo(f"{own.name:32}{own.version:24}comes with the product")
        for name in INSTALLABLE:
            row = installed.get(name)
            said = f"since {row.installed_at:%Y-%m-%d}" if row else "coulisse rules add FILE"
            click.echo(f"{name:32}{row.version if row else 'not installed':24}{said}")


@rules.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take an installed rule set away; what needs it is then shown as not validated."""
    from app.documents.checking.services import remove_pack

    with _as_provider() as (actor, now):
        gone = remove_pack(name=name, actor=actor, now=now)
        click.echo(f"{gone.name} {gone.version} is removed.")


def _join_running_product() -> None:
    """Without settings of one's own, those of the `make run` in this folder."""
    file = Path(__file__).resolve().parent.parent / ".local" / "environment.json"
    if os.environ.get("DATABASE_URL") or not file.exists():
        return
    for name, value in json.loads(file.read_text()).items():
        os.environ.setdefault(name, value)


@cli.group()
def seal() -> None:
    """The provider's seal on documents: not a qualified one."""


@seal.command("show")
def show_seal() -> None:
    """Root and seals with their fingerprints, the latest first; the first are made if need be."""
    from app.documents.sealing.queries import list_certificates
    from app.documents.sealing.services import ensure_seal, fingerprints

    with _as_provider() as (_, now):
        ensure_seal(now=now)
        rows = list_certificates()
        known = fingerprints(rows)
        for row in rows:
            click.echo(f"{row.kind}  until {row.ends_at:%Y-%m-%d}  {row.subject}")
            click.echo(f"      SHA-256 {known[str(row.id)]}")


@seal.command("renew")
def renew_the_seal() -> None:
    """A new seal with a new key by the same root; what was sealed before stays good."""
    from app.documents.sealing.services import renew_seal

    with _as_provider() as (_, now):
        click.echo(f"new seal until {renew_seal(now=now).ends_at:%Y-%m-%d}")


@seal.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_seal(file: Path) -> None:
    """Whether a PDF carries a seal of ours and is unchanged since."""
    from app.documents.sealing.services import read

    with _as_provider():
        found = read(file.read_bytes())
    if found is None:
        raise click.ClickException("This file carries no seal.")
    click.echo(f"sealed {found.sealed_at} by {found.signer}")
    click.echo("by a timestamp authority" if found.stamped else "by the sealer's own clock")
    if not found.good:
        raise click.ClickException("It was changed since, or the seal is not one of ours.")
    click.echo("unchanged since, and the seal is ours")


def main() -> None:
    from app.config import SettingsError

    _join_running_product()
    try:
        cli(standalone_mode=True)
    except (CoulisseError, SettingsError) as error:
        click.echo(str(error), err=True)
        for lines in getattr(error, "field_errors", {}).values():
            click.echo("\n".join(lines), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

import os
from pathlib import Path

import click


@click.group()
def sim() -> None:
    """The simulated Stripe of the demonstration."""


@sim.command()
@click.argument("days", type=click.IntRange(1, 366))
def advance(days: int) -> None:
    """Let DAYS pass, at Stripe and in the product, and show the invoices that come of it."""
    from billing.advance import Advance, AdvanceFailed
    from billing.gateway import StripeGateway

    def told(name: str) -> str:
        value = os.environ.get(name, "")
        if not value:
            raise click.ClickException(f"{name} is not set: start the product with `make run`.")
        return value

    base = told("STRIPE_API_BASE")
    if os.environ.get("COULISSE_DEMO") != "1":
        raise click.ClickException("Time passes by itself here: this is for the demonstration.")
    try:
        found = Advance(
            dispatcher_url=told("DATABASE_DISPATCHER_URL"),
            api_base=base,
            gateway=StripeGateway(told("STRIPE_SECRET_KEY"), base, ["unused"]),
            offset_file=Path(told("COULISSE_LOCAL")) / "clock-offset",
            say=click.echo,
        ).run(days)
    except AdvanceFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"It is {found.now:%d %B %Y, %H:%M} UTC.")
    for invoice in found.invoices:
        click.echo(invoice)
    if not found.invoices:
        click.echo("No invoice came of it.")

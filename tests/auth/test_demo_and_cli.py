import json
import os
import stat
from pathlib import Path

import pytest

from app.demo import accounts
from dev import database
from tests import warm

ROLES = {"client_user", "client_approver", "client_admin", "guest", "operator", "supervisor",
         "provider_admin"}  # fmt: skip


@pytest.fixture
def fresh(engines, urls, environment, tmp_path):
    """A database and a folder of their own, as after `make reset`."""
    name = f"test_seed_{os.getpid()}"
    found = database.clone(engines, database.template_database(engines), name)
    yield (
        environment
        | {
            "DATABASE_URL": found.app,
            "DATABASE_OWNER_URL": found.owner,
            "COULISSE_LOCAL": str(tmp_path),
        },
        found,
    )
    database.drop(engines, name)


def coulisse(env, *arguments):
    done = warm.run("app.cli", *arguments, env=os.environ | env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def contents(url):
    with database.connected(url) as superuser:
        tables = superuser.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).scalars()
        return {
            table: superuser.exec_driver_sql(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
            ).scalar()
            for table in tables
        }


def test_seeding_twice_changes_nothing_and_a_lost_list_is_drawn_anew(fresh):
    env, urls = fresh
    coulisse(env, "demo", "seed")
    file = Path(env["COULISSE_LOCAL"]) / "demo-accounts.json"
    first, rows = json.loads(file.read_text()), contents(urls.superuser)

    assert {row["role"] for row in first} == ROLES
    assert len(first) == 15
    assert len({row["password"] for row in first}) == 15
    for row in first:
        assert (row["totp_secret"] is None) == (row["role"] == "client_user")
        assert row["tenant"] is None or f"@{row['tenant']}.example" in row["email"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    with database.connected(urls.superuser) as superuser:
        plans = superuser.exec_driver_sql("SELECT plan_key FROM billing_accounts").scalars()
        assert sorted(plans) == ["coulisse", "essential", "standard"]
        used = superuser.exec_driver_sql(
            "SELECT count(DISTINCT meter_key) FROM usage_events u JOIN billing_accounts a"
            " USING (tenant_id) WHERE a.plan_key = 'standard'"
        ).scalar()
        assert used == 5
        standings = superuser.exec_driver_sql(
            "SELECT s.state, s.paid > 0, s.paid < i.due FROM sales_invoice_standings s"
            " JOIN sales_invoices i USING (tenant_id, id) WHERE s.state LIKE '%%paid' ORDER BY 1"
        ).all()
        assert [tuple(row) for row in standings] == [
            ("paid", True, False), ("partly_paid", True, True)
        ]  # fmt: skip
        [letter] = superuser.exec_driver_sql(
            "SELECT l.state, l.template_id IS NOT NULL, v.code <> '', v.sha256 = r.sha256, q.state"
            " FROM letters l JOIN document_versions v USING (tenant_id, document_id)"
            " JOIN deliverables r USING (tenant_id, request_id)"
            " JOIN requests q ON q.tenant_id = l.tenant_id AND q.id = l.request_id"
        ).all()
        assert tuple(letter) == ("issued", True, True, True, "delivered")

    coulisse(env, "demo", "seed")
    assert json.loads(file.read_text()) == first
    assert contents(urls.superuser) == rows

    file.unlink()
    coulisse(env, "demo", "seed")
    again = json.loads(file.read_text())
    assert [row["email"] for row in again] == [row["email"] for row in first]
    assert all(a["password"] != b["password"] for a, b in zip(again, first, strict=True))


def test_a_given_password_is_used(monkeypatch):
    monkeypatch.setenv("COULISSE_DEMO_PASSWORD", "given for a demonstration")
    drawn = accounts.draw("x@y.example", role="operator", tenant=None, with_second_factor=True)
    assert drawn.password == "given for a demonstration"


INIT = ("provider", "init", "--name", "Cabinet Morel", "--country", "DE", "--language", "de",
        "--email", "paule@morel.example", "--person", "Paule Morel")  # fmt: skip


def test_a_provider_starts_with_its_own_name_once(fresh):
    env, urls = fresh
    told = coulisse(env, *INIT)
    assert "Cabinet Morel" in told
    assert f"{env['COULISSE_BASE_URL']}/link/" in told
    with database.connected(urls.superuser) as superuser:
        [tenant] = superuser.exec_driver_sql(
            "SELECT kind, name, country, language, document_languages, time_zone FROM tenants"
        ).all()
        [person] = superuser.exec_driver_sql("SELECT display_name, role FROM staff").all()
    assert tuple(tenant) == (
        "provider", "Cabinet Morel", "DE", "de", ["de"], "Europe/Berlin",
    )  # fmt: skip
    assert tuple(person) == ("Paule Morel", "provider_admin")
    before = contents(urls.superuser)
    again = warm.run("app.cli", *INIT, env=os.environ | env)
    assert again.returncode == 1
    assert "exists already: Cabinet Morel" in again.stderr
    assert contents(urls.superuser) == before
    # The emergency way in stays.
    assert "/link/" in coulisse(env, "provider", "administrator", "x@morel.example", "X")


def test_the_first_administrator_of_an_installation_gets_a_link(fresh):
    env, urls = fresh
    coulisse(env, "db", "upgrade")
    link = coulisse(env, "provider", "administrator", "root@coulisse.example", "Root").strip()
    assert link.startswith(f"{env['COULISSE_BASE_URL']}/link/")
    with database.connected(urls.superuser) as superuser:
        dump = superuser.exec_driver_sql(
            "SELECT string_agg(t::text, '') FROM user_tokens t"
        ).scalar()
    assert dump
    assert link.rpartition("/")[2] not in dump


def test_a_closed_account_gets_no_way_in_and_nothing_is_added(fresh):
    env, urls = fresh
    coulisse(env, *INIT)
    with database.connected(urls.superuser) as superuser:
        superuser.exec_driver_sql("UPDATE users SET active = false")
    before = contents(urls.superuser)
    refused = warm.run(
        "app.cli", "provider", "administrator", "paule@morel.example", "P", env=os.environ | env
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "paule@morel.example is closed" in refused.stderr
    assert contents(urls.superuser) == before

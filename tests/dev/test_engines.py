import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from dev import database, postgres
from dev.engines import Engines, socket_dir
from dev.errors import LocalError


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="coulisse-test-"))
    # as root without user namespaces the server runs as nobody, who has to pass through
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def engines(folder: Path) -> Iterator[Engines]:
    started = Engines(folder, fsync=False)
    yield started
    started.stop()


def postmaster(engines: Engines) -> int:
    return int((engines.root / "pg" / "postmaster.pid").read_text().split()[0])


def test_up_twice_shares_the_servers_until_the_last_one_stops(engines: Engines) -> None:
    urls = engines.up()
    first = postmaster(engines)
    other = Engines(engines.root, fsync=False)
    assert other.up() == urls
    assert postmaster(engines) == first

    assert not other.stop()
    assert redis.Redis.from_url(urls.redis).ping()
    assert engines.stop()
    assert not (engines.root / "pg" / "postmaster.pid").exists()
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(urls.redis).ping()


def test_a_killed_server_starts_again(engines: Engines) -> None:
    engines.up()
    killed = postmaster(engines)
    os.kill(killed, signal.SIGKILL)
    fresh = Engines(engines.root, fsync=False)
    urls = fresh.up()
    assert postmaster(engines) != killed
    with database.connected(urls.superuser) as admin:
        assert admin.scalar(text("SELECT 1")) == 1
    fresh.stop()


def test_a_pid_file_naming_a_stranger_is_cleared(engines: Engines) -> None:
    engines.up()
    engines.stop()
    stranger = os.getpid()
    pid_file = engines.root / "pg" / "postmaster.pid"
    pid_file.write_text(f"{stranger}\n{pid_file.parent}\n{int(time.time())}\n5432\n")
    lock = engines.sockets / f".s.PGSQL.{postgres.PORT}.lock"
    lock.write_text(f"{stranger}\n")

    engines.up()

    assert postmaster(engines) != stranger


def test_an_interrupted_initdb_leaves_nothing_in_the_way(folder: Path) -> None:
    leftover = folder / "pg.new-1"
    leftover.mkdir()
    (leftover / "PG_VERSION").write_text("18")
    again = Engines(folder, fsync=False)
    try:
        again.up(redis=False)
    finally:
        again.stop()


@pytest.mark.skipif(os.getuid() != 0, reason="only root changes its user")
def test_root_without_namespaces_runs_it_as_nobody(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(postgres, "can_unshare", lambda: False)
        try:
            engines.up(redis=False)
        except LocalError as closed:
            pytest.skip(str(closed))
        assert (engines.root / "pg").stat().st_uid == postgres.nobody_uid()
        engines.stop()
    urls = engines.up(redis=False)
    with database.connected(urls.superuser) as admin:
        assert admin.scalar(text("SELECT 1")) == 1


def test_the_database_is_prepared_twice_with_weak_roles(engines: Engines) -> None:
    urls = engines.up(redis=False)
    database.prepare(urls.superuser)
    database.prepare(urls.superuser)
    with database.connected(urls.app) as app:
        app.execute(text("SET ROLE coulisse_desk"))
        app.execute(text("RESET ROLE"))
        with pytest.raises(Exception, match="permission denied"):
            app.execute(text("CREATE TABLE mine (id int)"))
        with pytest.raises(Exception, match="permission denied"):
            app.execute(text("SET ROLE coulisse_signin"))


def test_the_owner_hands_functions_to_the_lookup_roles(engines: Engines) -> None:
    urls = engines.up(redis=False)
    database.prepare(urls.superuser)
    with database.connected(urls.owner) as owner:
        owner.execute(text("CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1"))
        owner.execute(text("ALTER FUNCTION one() OWNER TO coulisse_signin"))
        owner.execute(text("SET ROLE coulisse_signin"))
        owner.execute(text("DROP FUNCTION one()"))


def test_a_deep_project_folder_gets_a_short_socket_path() -> None:
    deep = Path("/home") / ("a" * 60) / ("b" * 60)
    assert len(str(socket_dir(deep))) < 60
    assert socket_dir(deep) != socket_dir(deep / "c")

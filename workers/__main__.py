"""`python -m workers worker|dispatcher|schedule|lmtp`. The dispatcher also adds what is due by the
schedule, which `schedule` lists."""

import argparse
import importlib
import os
import signal
from collections.abc import Callable, Sequence
from types import FrameType

from flask import Flask
from sqlalchemy import make_url

from tenants import keys
from tenants.core import clock, logging
from tenants.core import metrics as listener
from workers import lmtp
from workers.dispatcher import Dispatcher
from workers.metrics import Backlog, Report
from workers.queues import RULES
from workers.registry import JOBS_PACKAGE, all_declared
from workers.schedule import TASKS, VERSION, Periodic
from workers.timetable import timetable
from workers.timing import Timing
from workers.worker import Setup, Supervisor, Wear


def main(
    arguments: Sequence[str] | None = None,
    *,
    create_app: Callable[[], Flask] | None = None,
    jobs_package: str = JOBS_PACKAGE,
    tasks: Sequence[Periodic] = TASKS,
) -> None:
    given = _parser().parse_args(arguments)
    logging.configure(os.environ.get("COULISSE_LOG_LEVEL", "INFO"))
    if given.role == "dispatcher":
        _dispatch(tasks, jobs_package)
        return
    if given.role == "schedule":
        url = make_url(_setting("DATABASE_DISPATCHER_URL")).set(drivername="postgresql")
        print(timetable(url.render_as_string(hide_password=False), tasks))  # noqa: T201
        return
    if given.role == "lmtp":
        app = (create_app or importlib.import_module("app.factory").create_app)()
        if not app.config["SETTINGS"].mail_in_domain:
            raise SystemExit("MAIL_IN_DOMAIN is not set: docs/mail-in.md explains it.")
        lmtp.serve(app, host=given.host, port=given.port)
        return
    if create_app is None:
        # imported before the fork, so that the processes share its memory
        factory = importlib.import_module("app.factory")
        factory.import_views()
        create_app = factory.create_app
    setup = Setup(
        create_app=create_app,
        redis_url=_setting("REDIS_URL"),
        timing=Timing.from_env(),
        jobs_package=jobs_package,
        memory_mb=given.memory_mb,
        report=Report() if listener.asked_port() else None,
        wear=Wear(after_heavy=given.recycle_jobs, above_mb=given.recycle_mb),
    )
    Supervisor(names=given.queues, processes=given.processes, setup=setup).run()


def _dispatch(tasks: Sequence[Periodic], jobs_package: str) -> None:
    # it signs what it hands over
    keys.use(_setting("COULISSE_MASTER_KEY"))
    clock.follow_environment()
    dispatcher = Dispatcher(
        database_url=_setting("DATABASE_DISPATCHER_URL"),
        redis_url=_setting("REDIS_URL"),
        timing=Timing.from_env(),
        tasks=tasks,
        declared=all_declared(jobs_package),
        version=VERSION,
    )

    def stop(sign: int, frame: FrameType | None) -> None:
        dispatcher.stopping = True

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, stop)
    listener.REGISTRY.register(
        Backlog(database_url=dispatcher.database, leads=lambda: dispatcher.leads)
    )
    listener.serve()
    dispatcher.run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workers")
    roles = parser.add_subparsers(dest="role", required=True)
    worker = roles.add_parser("worker", help="run jobs")
    worker.add_argument("--queues", type=_queues, default=list(RULES), metavar="NAME,NAME")
    worker.add_argument("--processes", type=int, default=2)
    worker.add_argument("--memory-mb", type=int, default=1024, help="of each process; 0: no limit")
    worker.add_argument(
        "--recycle-jobs", type=int, default=200,
        help="after so many heavy jobs a process gives way to a fresh one; 0: never",
    )  # fmt: skip
    worker.add_argument(
        "--recycle-mb", type=int, default=350,
        help="a process that holds more memory gives way after its job; 0: never",
    )  # fmt: skip
    roles.add_parser("dispatcher", help="hand due jobs over to the workers")
    lmtp_role = roles.add_parser("lmtp", help="take mail from a mail server")
    # LMTP knows no sign-in: whoever reaches it may deliver
    lmtp_role.add_argument("--host", default="127.0.0.1")
    lmtp_role.add_argument("--port", type=int, default=8024)
    roles.add_parser("schedule", help="list the periodic work and when it runs next")
    return parser


def _queues(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(RULES):
        raise argparse.ArgumentTypeError(f"no such queue: {', '.join(sorted(unknown))}")
    return names


def _setting(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SystemExit(f"{name} is not set. `make run` sets it; docs/deploy.md explains it.")
    return value


if __name__ == "__main__":
    main()

"""Commands of this module: set up, load, serve, work, look after."""

import gc
import os
import sys
from argparse import REMAINDER, ArgumentParser
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from subprocess import Popen

from motcua.config import loading
from motcua.config import postgres as embedded
from motcua.config.commandline import parts, set_up
from motcua.config.places import ROOT, VAR
from motcua.kernel import clock
from motcua.kernel.check import Outcome
from motcua.kernel.command import Arguments, Command


def manage(arguments: Arguments) -> int:
    """Hand the words over to Django."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["motcua manage", *arguments.words])
    return 0


def migrate(arguments: Arguments) -> int:
    """Bring the tables to this version."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    return 0


def load(arguments: Arguments) -> int:
    """Bring the tables to this version and the country's data into them. Doing it again changes nothing."""
    migrate(arguments)
    loading.load_country(clock.now(), known_on=arguments.known_on)
    return 0


def postgres(arguments: Arguments) -> int:
    """Look after the embedded PostgreSQL in var/."""
    if "MOTCUA_DATABASE_URL" in os.environ:
        print(
            "motcua: MOTCUA_DATABASE_URL names another PostgreSQL, which is not ours to start or stop.", file=sys.stderr
        )
        return 2
    if arguments.act == "stop":
        print("Stopped." if embedded.stop(VAR / "postgres") else "It was not running.")
    else:
        print(embedded.start(VAR / "postgres"))
    return 0


def serve(arguments: Arguments) -> int:
    """Answer requests until SIGTERM or Ctrl-C."""
    from motcua.config import serving

    return serving.serve(serving.listen(arguments.host, arguments.port), arguments.processes)


def worker(arguments: Arguments) -> int:
    """Do what has its time: closing, warnings, sealing."""
    from motcua.config import working
    from motcua.config.wiring import JOBS, refresh

    stop = working.stop_on_signals()
    refresh()
    gc.freeze()  # the country and the catalogue stay: no job should wait while they are looked through again
    working.work(JOBS, stop=stop)
    return 0


def run(arguments: Arguments) -> int:
    """Everything on one machine: PostgreSQL, the country, a first working week, server and worker."""
    from motcua.config import serving

    taken = serving.listen(arguments.host, arguments.port)  # before the loading, so that a taken port is said now
    ours = "MOTCUA_DATABASE_URL" not in os.environ and not embedded.running(VAR / "postgres")
    serving.end_in_order()
    with ExitStack() as ending:
        if ours:
            ending.callback(embedded.stop, VAR / "postgres")
        set_up()
        migrate(arguments)
        accounts = loading.first_time(clock.now())

        os.environ.setdefault("MOTCUA_SITE", f"http://{arguments.host}:{arguments.port}")  # for the server's processes
        beside: list[Popen[bytes]] = []
        imitated = [
            (name, setting, arguments.port + above)
            for name, (setting, above) in STANDINS.items()
            if f"MOTCUA_{setting}" not in os.environ
        ]
        for _name, setting, port in imitated:
            serving.use_stand_in(setting, f"http://{arguments.host}:{port}")
        if any(name == "axis" for name, _, _ in imitated):
            loading.first_documents(clock.now())

        def ready() -> None:
            beside.append(ending.enter_context(serving.beside("worker")))
            for name, _setting, port in imitated:
                words = (name, "--host", arguments.host, "--port", str(port))
                beside.append(ending.enter_context(serving.beside("stand-in", *words)))
            _welcome(f"http://{arguments.host}:{arguments.port}", accounts, loading.demonstration_password())

        status = serving.serve(taken, ready=ready)
        return status or any(process.poll() is not None for process in beside)


STANDINS: Mapping[str, tuple[str, int]] = {
    "identity": ("IDENTITY_URL", 100),
    "payments": ("PAYMENTS_URL", 200),
    "portal": ("PORTAL_URL", 300),
    "axis": ("AXIS_URL", 400),
}
"""The outside systems that `run` imitates unless an address is given: the setting, and how far above our port."""


def _welcome(url: str, accounts: Mapping[str, str], password: str) -> None:
    print(f"\nmotcua is at {url}")
    print(f"  {url}/                        the citizen's portal")
    print(f"  {url}/can-bo/                 the officer's desk")
    print(f"  {url}/quan-tri/               Django's administration, for operators")
    print(f"  {url}/api/v1/openapi.json     the API's description")
    print(f"Demonstration accounts, all with the password {password}")
    for name, post in accounts.items():
        print(f"  {name:<12} {post}")
    print("Ctrl-C stops everything.", flush=True)


def doctor(arguments: Arguments) -> int:
    """One line for each thing that can be wrong: OK, or the remedy."""
    set_up()
    wrong = 0
    for part in parts("checks"):
        for check in part.CHECKS:
            try:
                outcome = check.run()
            except Exception as error:
                outcome = Outcome(False, f"{type(error).__name__}: {error}".strip().replace("\n", " "), _REMEDY)
            wrong += not outcome.ok
            print(f"{'OK   ' if outcome.ok else 'WRONG'} {check.name:<12} {outcome.text}")
            if not outcome.ok:
                print(f"      {'':<12} -> {outcome.remedy}")
    return 1 if wrong else 0


_REMEDY = "Mend what is named above it first, then ask again."


def pages(arguments: Arguments) -> int:
    """Write the pages that are made from tables; with --check only say which are stale."""
    from motcua.config.pages import stale

    found = list(stale(ROOT))
    for path, text in found:
        if arguments.check:
            print(f"{path.relative_to(ROOT)} is stale: run `motcua pages`", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    return 1 if found and arguments.check else 0


def _manage_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs=REMAINDER, help="a Django management command and its arguments")


def _address_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on (default: 8000)")


def _serve_arguments(parser: ArgumentParser) -> None:
    _address_arguments(parser)
    parser.add_argument("--processes", type=int, default=1, help="server processes; two from 64 busy connections on")


def _load_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--known-on",
        type=date.fromisoformat,
        metavar="DATE",
        help="units only as they were known on that day, such as 2025-06-30, to live through the changes since",
    )


def _postgres_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("act", choices=("start", "stop", "url"), help="start and url print its address")


def _pages_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 and name what is stale")


COMMANDS: tuple[Command, ...] = (
    Command("run", "Start everything on this machine, with the country loaded", run, _address_arguments, False),
    Command("serve", "Answer pages and API calls", serve, _serve_arguments),
    Command("worker", "Do what has its time: closing, warnings, sealing", worker),
    Command("doctor", "Say what is wrong with this installation, and the remedy", doctor, database=False),
    Command("load", "Bring the whole country's data in; doing it again changes nothing", load, _load_arguments),
    Command("migrate", "Bring the tables to this version", migrate),
    Command("manage", "Run one of Django's own management commands", manage, _manage_arguments),
    Command("postgres", "Start or stop the embedded PostgreSQL", postgres, _postgres_arguments, False),
    Command("pages", "Write the pages of docs/ that are made from tables", pages, _pages_arguments, False),
)

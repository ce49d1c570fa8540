"""`motcua COMMAND`: finds the command, brings up what it needs, turns a Failure into a sentence."""

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

import django
import psycopg

from motcua.config import database, postgres
from motcua.config.places import VAR
from motcua.kernel.command import Command
from motcua.kernel.errors import Failure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")

MODULES = (
    "config",
    "replay",
    "standins",
    "portal",
    "desk",
    "screens",
    "reorganisation",
    "conversion",
    "feedback",
    "payments",
    "slips",
    "documents",
    "nationalportal",
    "transfers",
    "dossiers",
    "procedures",
    "exchange",
    "signing",
    "identity",
    "units",
    "kernel",
)


def commands() -> Iterator[Command]:
    """Every command of every module, in the order of the house."""
    for found in parts("commands"):
        yield from found.COMMANDS


def parts(file: str) -> Iterator[ModuleType]:
    """That file of each module that has one, in the order of the house."""
    for module in MODULES:
        name = f"motcua.{module}.{file}"
        if importlib.util.find_spec(name):
            yield importlib.import_module(name)


def set_up() -> None:
    """Make sure of a database: the one that is named, else the embedded PostgreSQL, started if it is down.

    From then on the modules know each other as `wiring` says, in a command as in the server.
    """
    django.setup()
    importlib.import_module("motcua.config.wiring")
    if "MOTCUA_DATABASE_URL" not in os.environ:
        database.use(postgres.start(VAR / "postgres"))


def main(arguments: Sequence[str]) -> int:
    django.setup()  # so that a module's commands may import its tables
    parser = argparse.ArgumentParser(prog="motcua", description="Một cửa: one door to a two-tier government.")
    words = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in commands():
        word = words.add_parser(command.name, help=command.help, description=command.help)
        command.arguments(word)
        word.set_defaults(command=command)
    asked = parser.parse_args(arguments)
    needs = asked.command.database
    try:
        if needs(asked) if callable(needs) else needs:
            set_up()
        return int(asked.command.run(asked))
    except Failure as failure:
        print(f"motcua: {failure.detail} {failure.mend}".rstrip(), file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 130
    except psycopg.OperationalError as error:
        return _unreachable(error)
    except Exception as error:
        if isinstance(error.__cause__, psycopg.OperationalError):  # as Django wraps it
            return _unreachable(error)
        raise


def _unreachable(error: Exception) -> int:
    print(f"motcua: PostgreSQL can't be used: {error}".rstrip(), file=sys.stderr)
    print("motcua: start it, or see MOTCUA_DATABASE_URL; `motcua doctor` says more.", file=sys.stderr)
    return 2

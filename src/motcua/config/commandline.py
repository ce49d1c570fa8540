"""`motcua COMMAND`: finds the command, brings up what it needs, turns a Failure into a sentence."""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator, Sequence

from motcua.kernel.command import Command
from motcua.kernel.errors import Failure

MODULES = ("config", "replay", "dossiers", "procedures", "identity", "units", "kernel")


def commands() -> Iterator[Command]:
    """Every command of every module, in the order of the house."""
    for module in MODULES:
        name = f"motcua.{module}.commands"
        yield from importlib.import_module(name).COMMANDS


def set_up(*, database: bool) -> None:
    """Make Django ready; with `database`, start the embedded PostgreSQL unless another one is named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
    import django

    django.setup()
    if database and "MOTCUA_DATABASE_URL" not in os.environ:
        from django.db import connection

        from motcua.config import postgres, settings

        # Processes that this one starts find the same database.
        os.environ["MOTCUA_DATABASE_URL"] = postgres.start(settings.VAR / "postgres")
        connection.settings_dict.update(settings.database(os.environ["MOTCUA_DATABASE_URL"]))


def main(arguments: Sequence[str]) -> int:
    set_up(database=False)  # the modules' commands import their tables
    parser = argparse.ArgumentParser(prog="motcua", description="Một cửa: one door to a two-tier government.")
    words = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in commands():
        word = words.add_parser(command.name, help=command.help, description=command.help)
        command.arguments(word)
        word.set_defaults(command=command)
    asked = parser.parse_args(arguments)
    try:
        needed = asked.command.database
        set_up(database=needed(asked) if callable(needed) else needed)
        return int(asked.command.run(asked))
    except Failure as failure:
        print(f"motcua: {failure.detail} {failure.mend}".rstrip(), file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0

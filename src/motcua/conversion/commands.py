"""`motcua convert`: check a mapping, bring an old system's export in, see what became of it."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from motcua.kernel.command import Arguments, Command


@dataclass(frozen=True, slots=True)
class Verb:
    """One sub-command of `motcua convert`."""

    help: str
    run: Callable[[Arguments], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    database: bool = True


VERBS: Mapping[str, Verb] = {}


def _arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, verb in VERBS.items():
        verb.arguments(verbs.add_parser(name, help=verb.help, description=verb.help))


COMMANDS: tuple[Command, ...] = (
    Command(
        "convert",
        "Bring the exports of old systems in, with a mapping file, and reconcile them",
        lambda asked: VERBS[asked.verb].run(asked),
        _arguments,
        database=lambda asked: VERBS[asked.verb].database,
    ),
)

"""Command of this module: money that needs a person."""

from argparse import ArgumentParser
from uuid import UUID

from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command
from motcua.payments import actions, queries


def _run(arguments: Arguments) -> int:
    """List what arrived oddly, or note that somebody has seen to it."""
    if arguments.settle:
        noted = actions.settle(arguments.settle, reason=arguments.reason, scope=identity.SYSTEM, now=clock.now())
        print(f"{noted} noted.")
        return 0 if noted == len(set(arguments.settle)) else 1
    for row in queries.odd_attempts(scope=identity.SYSTEM):
        print(f"{row.id}  {row.state.value:<9} {row.how:<9} {row.amount:>12,} đồng  {row.reference}  {row.code}")
    return 0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--settle", nargs="+", type=UUID, metavar="ID", help="payments that somebody has seen to")
    parser.add_argument("--reason", default="", help="what was done about them")


COMMANDS: tuple[Command, ...] = (
    Command("payments", "List the money that needs a person, or note what was done about it", _run, _arguments),
)

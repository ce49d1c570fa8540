"""Commands of this module: set up, load, serve, work, look after."""

import importlib
import importlib.util
import sys
from argparse import REMAINDER, ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command

Report = Callable[[str, int, int], None]

LOADERS = ("units", "procedures")  # in the order of the house, from below


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
    for name in LOADERS:
        if importlib.util.find_spec(f"motcua.{name}.api") is None:
            continue
        api = importlib.import_module(f"motcua.{name}.api")
        with progress() as report:
            api.load(now=clock.now(), report=report)
    return 0


@contextmanager
def progress() -> Iterator[Report]:
    """A bar on a terminal, nothing elsewhere: gives `report(text, done, total)`."""
    from tqdm import tqdm

    bar = tqdm(leave=True, disable=None, file=sys.stderr, bar_format="{desc:<40} {percentage:3.0f}% {bar} {elapsed}")

    def report(text: str, done: int, total: int) -> None:
        if bar.disable:
            return
        if text != bar.desc:
            bar.set_description_str(text, refresh=False)
        bar.total = total
        bar.n = done
        bar.refresh()

    with bar:
        yield report


def _manage_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs=REMAINDER, help="a Django management command and its arguments")


COMMANDS: tuple[Command, ...] = (
    Command("manage", "Run one of Django's own management commands", manage, _manage_arguments),
    Command("migrate", "Bring the tables to this version", migrate),
    Command("load", "Bring the whole country's data in; doing it again changes nothing", load),
)

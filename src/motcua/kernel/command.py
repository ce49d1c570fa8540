"""What a command is: a function with its arguments, found by the command line in each module's `commands.py`."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

Arguments = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the command line.

    `run` gets the parsed arguments and gives the exit status: 0 done, 1 the answer is no, 2 bad input.
    `database` says whether the command needs the database to be up, or tells it from the parsed arguments.
    """

    name: str
    help: str
    run: Callable[[Arguments], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    database: bool | Callable[[Arguments], bool] = True

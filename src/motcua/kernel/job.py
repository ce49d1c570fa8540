"""What a job of the worker is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again: `run` gets the moment and gives how much it did; `every` is in seconds.

    It claims what it does in its own transaction, so that any number of workers may run it and a killed one
    loses nothing. While it did something, it is run again at once.
    """

    name: str
    every: int
    run: Callable[[datetime], int]

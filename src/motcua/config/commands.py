"""Commands of this module."""

from motcua.kernel.command import Command

COMMANDS: tuple[Command, ...] = ()

"""Command of this module: run one stand-in as a process of its own."""

import logging
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def _identity() -> "WSGIApplication":
    from motcua.standins import identity

    return identity.application()


def _payments() -> "WSGIApplication":
    from motcua.standins import payments

    return payments.application()


def _portal() -> "WSGIApplication":
    from motcua.standins import portal

    return portal.application()


def _ministry() -> "WSGIApplication":
    from motcua.standins import ministry

    return ministry.application()


STANDINS: Mapping[str, Callable[[], "WSGIApplication"]] = {
    "identity": _identity,
    "payments": _payments,
    "portal": _portal,
    "ministry": _ministry,
}
"""Every outside system that can be imitated: its name, and what makes its application."""


def stand_in(arguments: Arguments) -> int:
    """Answer as the outside system until SIGTERM or Ctrl-C."""
    from werkzeug.serving import make_server

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        server = make_server(arguments.host, arguments.port, STANDINS[arguments.name](), threaded=True)
    except (OSError, SystemExit):
        raise Permanent(
            "port-taken", f"Port {arguments.port} on {arguments.host} can't be used.", mend="Choose another: --port N."
        ) from None
    print(f"motcua: stand-in {arguments.name} (a simulation) at http://{arguments.host}:{server.port}", file=sys.stderr)
    with server:
        server.serve_forever()
    return 0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", choices=sorted(STANDINS), help="which outside system to imitate")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on (default: any free one)")


COMMANDS: tuple[Command, ...] = (
    Command("stand-in", "Imitate an outside system, for trying and testing", stand_in, _arguments, False),
)

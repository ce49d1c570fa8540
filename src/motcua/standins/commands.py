"""Command of this module: run one stand-in as a process of its own."""

import logging
import signal
import sys
from argparse import ArgumentParser
from importlib import import_module

from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent

STANDINS = ("axis", "identity", "ministry", "payments", "portal")
"""Every outside system that can be imitated; each is a file of this name whose `application()` is it."""


def stand_in(arguments: Arguments) -> int:
    """Answer as the outside system until SIGTERM or Ctrl-C."""
    from werkzeug.serving import make_server

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = import_module(f"motcua.standins.{arguments.name}").application()
    try:
        server = make_server(arguments.host, arguments.port, application, threaded=True)
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

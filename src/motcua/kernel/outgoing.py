"""Calls to other systems over HTTP: what is known of one that failed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests


def never_left(error: "requests.RequestException") -> bool:
    """Whether nothing of a call can have arrived: no connection was made, so it may simply be repeated.

    One that broke later may have carried it all: its state is Unknown, and the other side is asked first.
    """
    import requests  # no process waits for it at its start
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)

"""`python -m motcua.exchange.tests.node_process WORDS`: a motcua command with a clock of its own and a book.

Whatever is applied is written into the table `test_book`, which refuses nothing, so that doubled, lost or disordered
effects show. TEST_CLOCK_AHEAD: by how many seconds the clock is wrong.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from motcua.kernel import clock

KIND = "test.written"
BOOK = "CREATE TABLE IF NOT EXISTS test_book (n bigserial, id uuid NOT NULL, node text, subject text)"
AHEAD = timedelta(seconds=float(os.environ.get("TEST_CLOCK_AHEAD", "0")))


def enter(arrived: Sequence[Any]) -> None:
    """Write what arrived into the book, in the inbox's transaction."""
    from django.db import connection

    with connection.cursor() as cursor:
        for one in arrived:
            cursor.execute(
                "INSERT INTO test_book (id, node, subject) VALUES (%s, %s, %s)", [one.id, one.node, one.subject]
            )


def main() -> None:
    clock.now = lambda: datetime.now(UTC) + AHEAD  # before anything else reads it
    from motcua.config import commandline

    commandline.set_up()
    from motcua.config import wiring

    cast(dict[str, Any], wiring.HANDLERS)[KIND] = enter
    sys.exit(commandline.main(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""Numbers of documents, taken by many at once."""

import threading

import psycopg
from django.db import connection, transaction

from motcua.documents import rows


def test_numbers_have_no_gaps_when_many_take_them_at_once_and_some_fail(eve: str) -> None:
    def take(n: int) -> None:
        try:
            with transaction.atomic():
                rows.take_numbers([(1, "out", "cong-van", 2026)] * (n % 3 + 1))
                if n % 2:
                    raise ValueError
        except ValueError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(eve) as fresh:
        taken = fresh.execute("SELECT last FROM documents_counter").fetchone()
    assert taken == (sum(n % 3 + 1 for n in range(0, 8, 2)),)

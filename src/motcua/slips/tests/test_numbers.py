"""Numbers of slips: each once, none left out, whoever asks at the same time."""

import threading
from collections.abc import Sequence

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from motcua.dossiers.tests.support import NOW
from motcua.kernel.clock import from_local
from motcua.slips.actions import give_numbers
from motcua.slips.queries import Numbered

AGENCY = 4711


def asked(*names: str, form: str = "01", agency: int = AGENCY, year: int = 2026) -> list[Numbered]:
    return [Numbered(name, form, 1, agency, year) for name in names]


@pytest.mark.usefixtures("country")
def test_a_slip_keeps_its_number_and_the_next_gets_the_next() -> None:
    first = give_numbers(asked("a", "b", "a"), now=NOW)
    assert first == {("a", "01", 1): 1, ("b", "01", 1): 2}
    assert give_numbers(asked("c", "b"), now=NOW) == {("c", "01", 1): 3, ("b", "01", 1): 2}
    assert give_numbers([], now=NOW) == {}


@pytest.mark.usefixtures("country")
def test_each_agency_form_and_year_counts_for_itself() -> None:
    for other in (asked("a"), asked("b", form="02"), asked("c", agency=AGENCY + 1), asked("d", year=2027)):
        assert set(give_numbers(other, now=NOW).values()) == {1}


@pytest.mark.usefixtures("country")
def test_a_hundred_numbers_cost_as_many_statements_as_one() -> None:
    counted = []
    for names in (["x"], [f"n{i}" for i in range(100)]):
        with CaptureQueriesContext(connection) as statements:
            give_numbers(asked(*names), now=NOW)
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 6


@pytest.mark.django_db(transaction=True)
def test_clerks_who_print_at_the_same_moment_share_one_row_of_numbers_without_gaps() -> None:
    """Eight threads, among them two that ask for the very same slips."""
    lists = [[f"{worker % 7}-{i}" for i in range(12)] for worker in range(8)]
    start, answers = threading.Barrier(len(lists)), []

    def clerk(names: Sequence[str]) -> None:
        try:
            start.wait()
            for at in range(0, len(names), 3):
                answers.append(give_numbers(asked(*names[at : at + 3]), now=from_local("2026-08-17T08:00")))
        finally:
            connection.close()

    threads = [threading.Thread(target=clerk, args=(names,)) for names in lists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    given: dict[tuple[str, str, int], set[int]] = {}
    for answer in answers:
        for key, number in answer.items():
            given.setdefault(key, set()).add(number)
    assert len(answers) == 8 * 4
    assert all(len(numbers) == 1 for numbers in given.values())
    assert sorted(number for [number] in given.values()) == list(range(1, 7 * 12 + 1))

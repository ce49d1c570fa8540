"""The books say what is lost, what is doubled, and what is not as it was left."""

from motcua.replay.books import Acknowledged, Tally, balance, last_numbers


def tally(*codes: str, state: str = "accepted") -> Tally:
    return Tally(dossiers={n: Acknowledged(code, state, None) for n, code in enumerate(codes)})


A, B, C = "H29.101.01-250701-0001", "H29.101.01-250701-0002", "H29.101.01-250702-10000"


def test_good_books_balance() -> None:
    kept = tally(A, B)
    found = balance(kept, {C: "returned"}, {A: "accepted", B: "accepted", C: "returned"})
    assert found.balanced(kept)
    assert (found.there, found.before) == (3, 1)


def test_what_was_acknowledged_and_is_not_there_is_lost() -> None:
    kept = tally(A, B)
    found = balance(kept, {}, {A: "accepted"})
    assert found.lost == [B]
    assert not found.balanced(kept)


def test_what_is_there_and_nobody_was_told_of_is_doubled() -> None:
    kept = tally(A)
    assert balance(kept, {}, {A: "accepted", B: "accepted"}).doubled == [B]


def test_one_code_for_two_filings_is_doubled() -> None:
    kept = tally(A, A)
    assert balance(kept, {}, {A: "accepted"}).doubled == [A]


def test_a_run_that_was_broken_off_may_find_its_own_dossiers_there() -> None:
    kept = tally(A, B)
    assert balance(kept, {A: "accepted"}, {A: "accepted", B: "accepted"}).balanced(kept)


def test_another_state_than_the_last_step_left_is_told() -> None:
    kept = tally(A)
    found = balance(kept, {}, {A: "submitted"})
    assert found.differing == [A]
    assert not found.balanced(kept)


def test_a_timer_may_close_what_waits_for_the_applicant_only() -> None:
    waiting = tally(A, state="awaiting_papers")
    found = balance(waiting, {}, {A: "closed"})
    assert (found.closed, found.differing) == (1, [])
    assert balance(tally(A), {}, {A: "closed"}).differing == [A]


def test_unanswered_keys_and_mistakes_let_in_spoil_the_books() -> None:
    for spoilt in (Tally(unanswered=["k"]), Tally(mistakes_let_in=[1]), Tally(differing=[1])):
        assert not balance(spoilt, {}, {}).balanced(spoilt)


def test_a_book_is_an_agencys_day() -> None:
    assert last_numbers([A, B, C]) == {("H29.101.01", "250701"): 2, ("H29.101.01", "250702"): 10_000}

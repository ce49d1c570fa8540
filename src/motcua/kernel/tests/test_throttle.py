"""Wrong secrets cost waiting time, right ones don't, and nothing grows without end."""

import pytest

from motcua.kernel.errors import NotFound, Transient
from motcua.kernel.throttle import FIRST_WAIT, FORGIVEN, FREE, KNOWN, LONGEST_WAIT, Throttle, TooManyWrong, place_of

HOME, OTHER = "203.0.113.7", "198.51.100.9"


def wrong(throttle: Throttle, place: str, now: float, pair: str = "wrong") -> None:
    with pytest.raises(NotFound), throttle.attempt(place, pair, now):
        raise NotFound("dossier-unknown", "")


def right(throttle: Throttle, place: str, now: float, pair: str = "right") -> None:
    with throttle.attempt(place, pair, now):
        pass


def wait(throttle: Throttle, place: str, now: float, pair: str = "another") -> int:
    with pytest.raises(TooManyWrong) as refused, throttle.attempt(place, pair, now):
        raise AssertionError("let in")
    return refused.value.wait


def tired(now: float = 0.0) -> Throttle:
    throttle = Throttle()
    for _ in range(FREE):
        wrong(throttle, HOME, now)
    return throttle


def test_ten_wrong_ones_are_answered_and_the_eleventh_waits() -> None:
    assert wait(tired(), HOME, 0.0) == FIRST_WAIT


def test_what_is_forgiven_meanwhile_buys_no_eleventh_try() -> None:
    throttle = Throttle()
    for n in range(FREE):
        wrong(throttle, HOME, n * FORGIVEN / FREE / 2)
    assert wait(throttle, HOME, FORGIVEN / 2) > 0


def test_each_further_wrong_one_waits_longer_up_to_a_limit() -> None:
    throttle, now, waits = tired(), 0.0, []
    for _ in range(9):
        waits.append(wait(throttle, HOME, now))
        now += waits[-1]
        wrong(throttle, HOME, now)
    assert waits[0] == FIRST_WAIT
    assert waits[:5] == sorted(waits[:5])
    assert waits[4] > 6 * FIRST_WAIT
    assert max(waits) <= LONGEST_WAIT


def test_who_goes_on_guessing_gets_no_more_than_two_a_minute() -> None:
    throttle, now, tries = tired(), 0.0, 0
    while now < 24 * 3600:
        now += wait(throttle, HOME, now)
        wrong(throttle, HOME, now)
        tries += 1
    assert tries < 2 * 24 * 60


def test_a_place_is_forgiven_with_time() -> None:
    throttle = tired()
    later = FIRST_WAIT + FORGIVEN * FREE
    for _ in range(FREE - 1):
        wrong(throttle, HOME, later)
        right(throttle, HOME, later)


def test_another_place_never_waits() -> None:
    right(tired(), OTHER, 0.0)


def test_a_right_pair_costs_nothing_and_is_let_in_again_while_its_place_waits() -> None:
    throttle = Throttle()
    for _ in range(3 * FREE):
        right(throttle, HOME, 0.0)
    for _ in range(FREE):
        wrong(throttle, HOME, 1.0)
    right(throttle, HOME, 2.0)
    assert wait(throttle, HOME, 2.0, pair="somebody else's") > 0


def test_a_right_pair_is_known_for_its_place_and_time_only() -> None:
    throttle = Throttle()
    right(throttle, OTHER, 0.0)
    right(throttle, HOME, 0.0, pair="old")
    for _ in range(FREE):
        wrong(throttle, HOME, KNOWN)
    assert wait(throttle, HOME, KNOWN, pair="right") > 0
    assert wait(throttle, HOME, KNOWN, pair="old") > 0


def test_right_ones_between_dont_buy_more_wrong_ones() -> None:
    throttle = Throttle()
    for n in range(FREE - 1):
        wrong(throttle, HOME, 0.0)
        right(throttle, HOME, 0.0, pair=f"own {n}")
    wrong(throttle, HOME, 0.0)
    assert wait(throttle, HOME, 0.0) == FIRST_WAIT


def test_many_at_once_gain_nothing() -> None:
    throttle = Throttle()
    open_tries = [throttle.attempt(HOME, f"guess {n}", 0.0) for n in range(FREE)]
    for attempt in open_tries:
        attempt.__enter__()
    assert wait(throttle, HOME, 0.0) == FIRST_WAIT


def test_a_try_that_the_system_could_not_answer_is_given_back() -> None:
    throttle = Throttle()
    for _ in range(3 * FREE):
        with pytest.raises(Transient), throttle.attempt(HOME, "right", 0.0):
            raise Transient("database-away", "")


def test_memory_is_bounded() -> None:
    throttle = Throttle(places=100)
    for n in range(1000):
        wrong(throttle, f"place {n}", 0.0)
        right(throttle, f"place {n}", 0.0)
    assert len(throttle._wrong) == 100
    assert len(throttle._right) == 100


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("x" * 1000, "x" * 64),
    ],
)
def test_a_place_is_an_address_or_the_64_bits_of_a_household(address: str, place: str) -> None:
    assert place_of(address) == place

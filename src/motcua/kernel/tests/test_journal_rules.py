"""What entries, trees and gaps are made of."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.kernel.arrays import plain_array, text_array
from motcua.kernel.errors import Permanent
from motcua.kernel.journal.rules import Entry, canonical, gaps_after, leaf, link, merkle_path, merkle_root, stamp

AT = datetime(2026, 8, 21, 9, tzinfo=UTC)
SUBJECT = UUID(int=7)


def node(*parts: bytes) -> bytes:
    return hashlib.sha256(b"\1" + b"".join(parts)).digest()


def test_a_tree_of_seven_is_split_as_the_standard_draws_it() -> None:
    """RFC 9162, 2.1.5."""
    a, b, c, d, e, f, j = leaves = [leaf(n, bytes(32)) for n in range(7)]
    left, right = node(node(a, b), node(c, d)), node(node(e, f), j)
    assert merkle_root(leaves) == node(left, right)
    assert merkle_path(leaves, 0) == [b, node(c, d), right]
    assert merkle_path(leaves, 3) == [c, node(a, b), right]
    assert merkle_path(leaves, 4) == [f, j, left]
    assert merkle_path(leaves, 6) == [node(e, f), left]


def test_a_leaf_can_not_pass_for_a_node() -> None:
    pair = [leaf(1, bytes(32)), leaf(2, bytes(32))]
    assert leaf(1, bytes(32)) != hashlib.sha256(bytes(7) + b"\1" + bytes(32)).digest()
    assert merkle_root(pair) != hashlib.sha256(b"".join(pair)).digest()
    assert merkle_root(pair[:1]) == pair[0]


def test_a_number_and_a_digest_both_make_the_leaf() -> None:
    assert len({leaf(1, bytes(32)), leaf(2, bytes(32)), leaf(1, b"\1" + bytes(31))}) == 3


bodies = st.dictionaries(
    st.text(max_size=5), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8), max_size=4
)


@given(bodies)
def test_a_body_has_one_text_whatever_the_order_of_its_keys(body: dict[str, object]) -> None:
    assert canonical(body) == canonical(dict(reversed(body.items())))
    assert "\n" not in canonical(body)


texts = st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=6)
entries = st.builds(Entry, st.uuids(), texts, st.datetimes(timezones=st.just(UTC)), texts, bodies)


@given(entries, entries, st.integers(1, 3), st.integers(1, 3))
def test_two_entries_share_a_digest_only_if_they_are_the_same(one: Entry, other: Entry, n: int, m: int) -> None:
    digests = [link(entry, str(entry.subject), k, b"", stamp(entry.at))[1] for entry, k in ((one, n), (other, m))]
    same = (one.subject, n, one.at, one.act, one.actor, canonical(one.body)) == (
        *(other.subject, m, other.at, other.act, other.actor, canonical(other.body)),
    )
    assert (digests[0] == digests[1]) == same


@pytest.mark.parametrize("field", ["act", "actor"])
@pytest.mark.parametrize("bad", ["two\nlines", "nul\0"])
def test_an_act_or_actor_of_two_lines_is_refused(field: str, bad: str) -> None:
    entry = Entry(SUBJECT, **{"act": "file", "actor": "worker", "at": AT, "body": {}, field: bad})  # type: ignore[arg-type]
    with pytest.raises(Permanent, match="journal-entry-invalid"):
        link(entry, str(SUBJECT), 1, b"", stamp(AT))


def test_a_moment_is_stamped_in_utc_to_the_microsecond() -> None:
    assert stamp(AT) == "2026-08-21T09:00:00.000000+00:00"
    assert stamp(AT.astimezone(timezone(timedelta(hours=7)))) == stamp(AT)


numbers = st.sets(st.integers(1, 40), min_size=1)


@given(st.lists(st.tuples(numbers, st.integers(0, 40)), min_size=1, max_size=6))
def test_what_no_seal_has_and_may_still_come_is_in_a_gap_or_above_the_top(rounds: list[tuple[set[int], int]]) -> None:
    sealed: set[int] = set()
    gaps: list[tuple[int, int]] = []
    top = dead = 0
    for arrived, safe in rounds:
        taken = sorted(number for number in arrived - sealed if number > dead)
        if not taken:
            continue
        gaps = gaps_after(gaps, top, taken, safe)
        # What is safe is safe for good, as far as the seals reach.
        top, sealed, dead = max(top, taken[-1]), sealed | set(taken), max(dead, min(safe, max(top, taken[-1])))
        open_ = [n for first, last in gaps for n in range(first, last + 1)]
        assert open_ == [n for n in range(dead + 1, top + 1) if n not in sealed]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=5))
@pytest.mark.django_db
def test_any_text_survives_as_an_array(texts: list[str]) -> None:
    from motcua.kernel.journal.actions import plain_cursor

    found = plain_cursor().execute("SELECT %s::text[]", [text_array(texts)]).fetchone()
    assert found == (texts,)


def test_plain_arrays_are_joined_as_they_are() -> None:
    assert plain_array([]) == "{}"
    assert plain_array([1, SUBJECT]) == f"{{1,{SUBJECT}}}"

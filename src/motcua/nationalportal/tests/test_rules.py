"""What the portal is told, and how two books are compared: pure."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.dossiers.rules.steps import STATE, STATES, State
from motcua.kernel.clock import from_local
from motcua.nationalportal.rules.answers import CODES, meaning, mend
from motcua.nationalportal.rules.compare import REPAIRED, Kind, Ours, Theirs, differences, strangers
from motcua.nationalportal.rules.fields import (
    DOSSIER,
    NOT_KNOWN,
    PROGRESS,
    Fee,
    Line,
    Seen,
    clipped,
    composed,
    moment,
    read_moment,
    status,
    until,
)

NOW = from_local("2026-08-17T08:00")


def seen(*lines: Line, **change: object) -> Seen:
    made: dict[str, object] = {
        "code": "H26.1-260817-0001", "procedure": "1.000419", "procedure_name": "Đăng ký", "field_name": "Hộ tịch",
        "channel": "counter", "reception": 1, "resolving": "UBND phường", "content": "", "filed_at": NOW,
        "applicant": {"kind": "citizen", "name": "Nguyễn Thị Mai", "number": "001190000017"},
        "lines": lines or (line(1, "file_counter", State.ACCEPTED),),
    }  # fmt: skip
    return Seen(**(made | change))  # type: ignore[arg-type]


def line(n: int, step: str, state: State, **more: object) -> Line:
    at = NOW + timedelta(hours=n)
    return Line(n, step, at, state, at, at, **more)  # type: ignore[arg-type]


def test_each_state_has_a_code_of_the_portal_and_the_ten_stay_ten() -> None:
    assert {status(row.state) for row in STATES} == {str(n) for n in range(1, 11)}
    assert status(State.AWAITING_COMPLETION) == "5"
    assert status(State.AWAITING_DUTY) == "6"
    assert status(State.STOPPED) == "8"


def test_a_field_is_sent_or_named_as_not_known_and_never_both() -> None:
    names = [field.name for field in DOSSIER]
    assert len(names) == len(set(names))
    assert not set(names) & set(NOT_KNOWN)
    assert all(field.source.act for field in (*DOSSIER, *PROGRESS))


def test_a_number_that_is_no_identity_number_is_not_given_a_kind() -> None:
    for number, kinds in (("001190000017", ["1"]), ("012345678", ["2"]), ("", []), ("0101243150", [])):
        told = composed(DOSSIER, seen(applicant={"kind": "citizen", "name": "x", "number": number}))
        assert [one["LoaiDinhDanh"] for one in told.get("DinhDanhCHS", [])] == kinds


def test_what_is_told_of_a_row_is_what_stood_then() -> None:
    whole = seen(
        line(1, "file_online", State.SUBMITTED),
        line(2, "accept", State.ACCEPTED),
        line(3, "hand_over", State.IN_PROCESS, reason="chuyển"),
    )
    then = composed(DOSSIER, until(whole, 1))
    assert ("NgayTiepNhan" in then, then["TrangThaiHoSo"]) == (False, "1")
    assert composed(DOSSIER, whole)["NgayTiepNhan"] == moment(whole.lines[1].at)
    assert composed(PROGRESS, whole)["NoiDungXuLy"].endswith("chuyển")


def test_fees_are_told_with_how_they_stood_at_that_row_and_left_out_where_nobody_knows() -> None:
    rows = (line(1, "file_online", State.SUBMITTED), line(3, "pay_fee", State.SUBMITTED))
    paid = Fee("Lệ phí", 150_000, rows[1].at, online=True)
    whole = seen(*rows, fees=(paid,))
    assert composed(DOSSIER, whole)["DanhSachLePhi"] == [{"TenPhiLePhi": "Lệ phí", "Gia": "150000"}]
    stood = {
        "2": whole,
        "3": until(whole, 1),
        "0": seen(*rows, fees=(Fee("Lệ phí", 150_000, rows[1].at),)),
    }
    assert {how: composed(DOSSIER, one)["DuocThanhToanTrucTuyen"] for how, one in stood.items()} == {
        n: n for n in "203"
    }
    assert composed(DOSSIER, seen(*rows, fees=()))["DuocThanhToanTrucTuyen"] == "0"
    assert not {"DanhSachLePhi", "DuocThanhToanTrucTuyen"} & composed(DOSSIER, seen(*rows)).keys()


@given(st.text(max_size=80), st.integers(2, 60))
def test_no_text_is_longer_than_the_portal_takes(text: str, limit: int) -> None:
    assert len(clipped(text, limit)) <= limit
    assert clipped(text, limit) == text or len(text) > limit


@given(st.text(max_size=200), st.text(max_size=2000))
def test_no_field_is_longer_than_its_limit(name: str, reason: str) -> None:
    made = seen(line(1, "file_counter", State.ACCEPTED, handler=name, reason=reason))
    for fields in (DOSSIER, PROGRESS):
        told = composed(fields, made)
        assert not [f.name for f in fields if f.limit and len(str(told.get(f.name, ""))) > f.limit]


@given(st.datetimes(min_value=from_local("2000-01-01").replace(tzinfo=None)))
def test_a_moment_is_read_as_it_was_written(at: object) -> None:
    made = from_local(at.replace(microsecond=0).isoformat())  # type: ignore[attr-defined]
    assert read_moment(moment(made)) == made


def test_a_code_that_nobody_knows_needs_a_person_and_is_no_success() -> None:
    assert {code for code, row in CODES.items() if row.answer.value == "done"} == {"0", "00"}
    assert [meaning(code).value for code in ("77", "", "None")] == ["permanent"] * 3
    assert mend("anything at all")


@pytest.mark.parametrize(
    ("theirs", "kind", "again_from"),
    [
        (None, Kind.MISSING_THERE, 1),
        (Theirs("a", 1, "4", "d"), Kind.STEPS_MISSING, 2),
        (Theirs("a", 4, "4", "d"), Kind.BEYOND, 0),
        (Theirs("a", 3, "5", "d"), Kind.STATUS, 3),
        (Theirs("a", 3, "4", "e"), Kind.DUE, 3),
    ],
)
def test_a_difference_is_named_and_says_from_where_to_send_again(
    theirs: Theirs | None, kind: Kind, again_from: int
) -> None:
    ours = Ours("a", 3, "4", "d")
    [found] = differences([ours], {"a": theirs} if theirs else {})
    assert (found.kind, found.again_from) == (kind, again_from)
    assert (found.again_from > 0) is (kind in REPAIRED)


def test_equal_books_and_what_is_on_its_way_make_no_difference() -> None:
    assert differences([Ours("a", 1, "2", "")], {"a": Theirs("a", 1, "2", "")}) == []
    assert differences([Ours("a", 9, "2", "", open=True)], {}) == []
    assert [d.kind for d in strangers(["a"], {"b": Theirs("b", 1, "1", "")})] == [Kind.UNKNOWN_HERE]
    assert STATE[State.FINISHED].national == 9

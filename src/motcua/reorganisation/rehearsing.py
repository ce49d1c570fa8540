"""Diễn tập: the whole plan carried out on the next generation, which nobody else sees, and what it would do.

Nothing is changed: what is counted is read, and what is timed is rolled back.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.calendar import OFFICE_HOURS
from motcua.kernel.errors import Failure
from motcua.payments import api as payments
from motcua.reorganisation import drawing, following
from motcua.reorganisation.drawing import Drawn, Open
from motcua.reorganisation.models import Plan
from motcua.reorganisation.rules.compiled import figures_of
from motcua.reorganisation.rules.heirs import Decided
from motcua.reorganisation.rules.plan import Inherited
from motcua.reorganisation.rules.text import digest as digest_of
from motcua.slips import api as slips
from motcua.units import api as units

SAMPLE = 500  # dossiers that are handed over and rolled back, to know how long one takes


REHEARSING = 0x72656865  # advisory locks: "rehe", and the plan's number
BROKEN = "Phần mềm gặp lỗi khi diễn tập. Người vận hành xem nhật ký của tiến trình worker."


@dataclass(frozen=True, slots=True)
class Kind:
    """What of a kind there is before, and what becomes of it; `before` is `passed` and `undecided` together."""

    kind: str
    words: str
    before: int
    passed: int
    undecided: int


@dataclass(frozen=True, slots=True)
class Passing:
    """So many of a kind go from this old unit to this new one."""

    kind: str
    old: str
    old_name: str
    new: str
    new_name: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What no rule decides, for a person: so many of a kind in an old unit, all candidates, and why."""

    kind: str
    old: str
    old_name: str
    count: int
    why: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToDo:
    """A task of the plan, or something that the new offices must set up."""

    kind: str
    words: str
    count: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the plan would do. `seconds_*` are measured on this machine: None where nothing could be measured."""

    plan: str
    title: str
    digest: str
    on: date
    rehearsed_at: datetime
    past: bool
    note: str
    units: Mapping[str, tuple[int, int]]
    kinds: tuple[Kind, ...]
    passing: tuple[Passing, ...]
    waiting: tuple[Waiting, ...]
    to_do: tuple[ToDo, ...]
    balanced: bool
    seconds_to_publish: float | None
    seconds_to_hand_over: float | None
    sample: int


@dataclass(slots=True)
class _Tally:
    """What is counted on the way, by kind and unit."""

    drawn: Drawn
    before: Counter[str]
    moved: Counter[tuple[str, int, int]]
    open_: Counter[tuple[str, int, str, tuple[str, ...]]]

    def passes(self, kind: str, old: int, new: int, count: int = 1) -> None:
        self.moved[kind, old, new] += count

    def waits(self, kind: str, old: int, why: str, candidates: Sequence[str], count: int = 1) -> None:
        self.open_[kind, old, why, tuple(candidates)] += count


WORDS = {
    "dossier": "hồ sơ chưa giải quyết xong",
    "position": "vị trí công tác",
    "account": "tài khoản của công chức",
    "token": "thẻ truy cập của hệ thống",
    "decision": "quyết định của tỉnh về thủ tục",
    "identifier": "mã định danh cơ quan, và tuyến gửi nhận theo mã",
    "number": "dãy số (mã hồ sơ, phiếu) đã cấp",
    "figure": "số liệu của đơn vị cũ",
}


def rehearse(*, text: str, now: datetime) -> Rehearsal:
    """Carry the plan out where nobody sees it, and tell what changes hands; nothing is changed."""
    units.refresh()
    drawn = drawing.draw(text)
    tally = _Tally(drawn, Counter(), Counter(), Counter())
    _dossiers(tally)
    _positions(tally)
    _tokens(tally)
    _decisions(tally, now)
    _identifiers(tally)
    _figures(tally)
    publish, hand_over, sample = _measured(drawn, tally.before["dossier"], now)
    kinds = tuple(
        Kind(
            kind,
            words,
            tally.before[kind],
            sum(count for (of, _, _), count in tally.moved.items() if of == kind),
            sum(count for (of, _, _, _), count in tally.open_.items() if of == kind),
        )
        for kind, words in WORDS.items()
    )
    eve = drawn.before
    return Rehearsal(
        plan=drawn.plan.name,
        title=drawn.plan.title,
        digest=digest_of(text),
        on=drawn.on,
        rehearsed_at=now,
        past=drawn.past,
        note=PAST.format(on=drawn.on, eve=drawn.eve) if drawn.past else "",
        units=figures_of(drawn.plan, _rows_before(drawn)),
        kinds=kinds,
        passing=tuple(
            Passing(
                kind,
                eve.unit(old).code,
                eve.unit(old).at(drawn.eve).full_name,
                drawn.after.unit(new).code,
                drawn.after.unit(new).at(drawn.on).full_name,
                count,
            )
            for (kind, old, new), count in sorted(tally.moved.items())
        ),
        waiting=tuple(
            Waiting(kind, eve.unit(old).code, eve.unit(old).at(drawn.eve).full_name, count, why, candidates)
            for (kind, old, why, candidates), count in sorted(tally.open_.items())
        ),
        to_do=_to_do(drawn),
        balanced=all(kind.before == kind.passed + kind.undecided for kind in kinds),
        seconds_to_publish=publish,
        seconds_to_hand_over=hand_over,
        sample=sample,
    )


PAST = (
    "Danh mục đang có hiệu lực đã chứa thay đổi của ngày {on:%d/%m/%Y}: diễn tập trên danh mục như đã biết ngày"
    " {eve:%d/%m/%Y}; hồ sơ, vị trí và thẻ được đếm theo cơ quan đang giữ hiện nay, nên phần lớn không còn ở nơi cũ."
)


def keep(*, name: str, found: Rehearsal, written: object) -> None:
    """Remember the last rehearsal of the text of a registered plan."""
    Plan.objects.filter(name=name, digest=found.digest).update(
        rehearsed_at=found.rehearsed_at, rehearsal=written, rehearsal_asked_at=None, rehearsal_failed=""
    )


def rehearse_asked(*, now: datetime) -> int:
    """Rehearse the plan that was asked for first and that no other worker has in hand; how many: one or none.

    A worker that is killed leaves the request standing. What can't be rehearsed says why, and is not tried again
    before somebody asks again.
    """
    asked = Plan.objects.filter(rehearsal_asked_at__isnull=False).order_by("rehearsal_asked_at", "id")
    for plan_id in list(asked.values_list("id", flat=True)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [REHEARSING, plan_id])
            if not cursor.fetchone()[0]:
                continue
            try:
                plan = asked.filter(id=plan_id).only("name", "text").first()
                if plan is not None:  # else another worker has just done it
                    _rehearse_one(plan, now)
                    return 1
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [REHEARSING, plan_id])
    return 0


def _rehearse_one(plan: Plan, now: datetime) -> None:
    this = Plan.objects.filter(id=plan.pk, text=plan.text)
    try:
        found = rehearse(text=plan.text, now=now)
    except Failure as failure:
        this.update(rehearsal_asked_at=None, rehearsal_failed=f"{failure.detail} {failure.mend}".strip())
    except Exception:
        this.update(rehearsal_asked_at=None, rehearsal_failed=BROKEN)
        raise  # into the worker's log
    else:
        keep(name=plan.name, found=found, written=msgspec.to_builtins(found))


def _rows_before(drawn: Drawn) -> units.Rows:
    rows = units.read_rows()
    return units.known_on(rows, drawn.eve) if drawn.past else rows


def _dossiers(tally: _Tally) -> None:
    drawn = tally.drawn
    by_address: set[int] = set()
    for found in dossiers.count_open(drawn.looked_through):
        if not drawn.concerns(found.offices):
            continue
        tally.before["dossier"] += found.count
        if drawn.by_address(found.offices, found.area):
            by_address.add(found.holder)
            continue
        _outcome(tally, found.offices, found.holder, found.area, "", found.count)
    numbers: list[UUID] = dossiers.find_open(by_address) if by_address else []
    for at in range(0, len(numbers), following.BATCH):
        part = dossiers.read_open(numbers[at : at + following.BATCH])
        asked = [lot for lot in part if drawn.concerns(lot.offices) and drawn.by_address(lot.offices, lot.area)]
        addresses = following.addresses_of(drawn, asked)
        for lot in asked:
            for number in lot.ids:
                _outcome(tally, lot.offices, lot.holder, lot.area, addresses.get(number, ""), 1)


def _outcome(tally: _Tally, offices: dossiers.Offices, holder: int, area: int, address: str, count: int) -> None:
    drawn = tally.drawn
    old = drawn.before.agency(holder).unit_id if holder in drawn.ending else drawn.after.agency(holder).unit_id
    outcome = drawn.outcome(offices, area, address)
    if isinstance(outcome, Open):
        tally.waits("dossier", old, outcome.why, [drawn.after.unit(p.unit).code for p in outcome.places], count)
        return
    to = next(
        heir if heir is not None else holder
        for office, heir in zip(offices[::-1], outcome.offices[::-1], strict=True)
        if office == holder
    )
    tally.passes("dossier", old, drawn.after.agency(to).unit_id, count)


def _positions(tally: _Tally) -> None:
    drawn = tally.drawn
    accounts = identity.officials_with_account()
    for holding in identity.serving(drawn.ending, drawn.on):
        old = drawn.before.agency(holding.agency_id).unit_id
        heir = drawn.estate.heir(holding.agency_id, None, "", None, Inherited.POSITIONS)
        for kind in ("position", *(("account",) if holding.official_id in accounts else ())):
            tally.before[kind] += 1
            if isinstance(heir, Decided):
                tally.passes(kind, old, drawn.after.agency(heir.agency_id).unit_id)
            else:
                tally.waits(kind, old, heir.why, _orgs(drawn, heir.candidates))


def _tokens(tally: _Tally) -> None:
    drawn = tally.drawn
    for token in identity.tokens():
        if token.revoked_at is None and token.agencies is not None:
            for agency in sorted(drawn.ending.intersection(token.agencies)):
                _inherits(tally, "token", agency, 1)


def _inherits(tally: _Tally, kind: str, agency: int, count: int) -> None:
    drawn = tally.drawn
    old = drawn.before.agency(agency).unit_id
    heir = drawn.estate.heir(agency, None, "", None, Inherited.POWERS)
    tally.before[kind] += count
    if isinstance(heir, Decided):
        tally.passes(kind, old, drawn.after.agency(heir.agency_id).unit_id, count)
    else:
        tally.waits(kind, old, heir.why, _orgs(drawn, heir.candidates), count)


def _orgs(drawn: Drawn, agencies: Sequence[int]) -> list[str]:
    found = (drawn.after.agency(agency) for agency in agencies)
    return [agency.org(drawn.on) or str(agency.id) for agency in found]


def _decisions(tally: _Tally, now: datetime) -> None:
    drawn = tally.drawn
    bequests, questions = following.sorted_decisions(row=Plan(name=drawn.plan.name), drawn=drawn, now=now)
    olds = {d.id: d.province_id for d in following.ending_decisions(drawn=drawn)}
    tally.before["decision"] = len(olds)
    for bequest in bequests:
        for number in bequest.old:
            tally.passes("decision", olds[number], bequest.unit_id or bequest.province_id)
    for question in questions:
        for number in question.candidates[-1]["all"]:
            tally.waits("decision", olds[number], question.reason, [c["id"] for c in question.candidates])


def _identifiers(tally: _Tally) -> None:
    drawn = tally.drawn
    codes = {
        agency.org(drawn.eve): agency.id for agency in map(drawn.before.agency, drawn.ending) if agency.org(drawn.eve)
    }
    for agency in codes.values():
        _inherits(tally, "identifier", agency, 1)
    for org in dossiers.numbered_since(list(codes), date.min):
        _inherits(tally, "number", codes[org], 1)
    for agency in slips.numbers_given(sorted(drawn.ending)):
        _inherits(tally, "number", agency, 1)


def _figures(tally: _Tally) -> None:
    """Figures of an old unit go to the one new unit that took it whole; a split one's are shown undivided."""
    drawn = tally.drawn
    begun = {unit for unit, _level in drawn.change.units}
    for unit in drawn.before.units():
        if not unit.in_force(drawn.eve) or drawn.after.unit(unit.id).in_force(drawn.on):
            continue
        tally.before["figure"] += 1
        found = drawn.after.became(unit.id, drawn.on)
        if len(found) == 1 and found[0].unit.id in begun:
            tally.passes("figure", unit.id, found[0].unit.id)
        else:
            why = "Đơn vị được chia: số liệu cũ giữ nguyên, không tự chia" if found else "Không đơn vị nào kế thừa"
            tally.waits("figure", unit.id, why, [c.unit.code for c in found])


def _to_do(drawn: Drawn) -> tuple[ToDo, ...]:
    found = [ToDo(task.kind, task.words, 1, task.source) for task in drawn.plan.tasks]
    accounts = payments.with_account(drawn.ending, drawn.eve)
    if accounts:
        words = "Mở tài khoản thu phí cho cơ quan mới; số cơ quan cũ đang có tài khoản"
        found.append(ToDo("bank_account", words, len(accounts)))
    own = [a for a in map(drawn.before.agency, drawn.ending) if a.shifts or a.sessions != OFFICE_HOURS]
    if own:
        found.append(ToDo("sessions", "Đặt ca làm việc cho cơ quan mới; số cơ quan cũ có ca riêng", len(own)))
    counters = units.with_counters(drawn.ending)
    if counters:
        found.append(ToDo("counters", "Lập quầy cho cơ quan mới; số cơ quan cũ có quầy", len(counters)))
    return tuple(found)


class _Rehearsed(Exception):
    """The end of what is only rehearsed: it takes all of it back."""


def _measured(drawn: Drawn, total: int, now: datetime) -> tuple[float | None, float | None, int]:
    """How long publishing takes, and handing over all of it as reckoned from a sample; both are rolled back."""
    publish: float | None = None
    if not drawn.past:
        prepared = units.prepare(change=drawn.change)
        try:
            with transaction.atomic():
                started = time.perf_counter()
                units.carry_out(prepared=prepared, note="Diễn tập", now=now)
                publish = time.perf_counter() - started
                raise _Rehearsed
        except _Rehearsed:
            pass
    sample: list[UUID] = []
    for at in range(0, len(drawn.looked_through), following.AGENCIES):
        sample += dossiers.find_open(drawn.looked_through[at : at + following.AGENCIES])
        if len(sample) >= SAMPLE:
            break
    if not sample:
        return publish, None, 0
    count = 0
    try:
        with transaction.atomic():
            started = time.perf_counter()
            moves = []
            for lot in dossiers.lock_open(sample[:SAMPLE]):
                outcome = drawn.outcome(lot.offices, lot.area)
                if drawn.concerns(lot.offices) and not isinstance(outcome, Open):
                    moves.append(dossiers.Move(lot, outcome.offices, outcome.ground))
            count = sum(
                len(moved.ids)
                for moved in dossiers.inherit(moves, plan=drawn.plan.name, now=now, directory=drawn.after)
            )
            spent = time.perf_counter() - started
            raise _Rehearsed
    except _Rehearsed:
        pass
    return publish, spent / count * total if count else None, count

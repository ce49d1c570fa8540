"""What changes the catalogue. Each action is one transaction that ends with the next generation."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from motcua.identity.api import Role, Scope, require
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, Permanent
from motcua.kernel.law import Citation, Confidence, cite
from motcua.procedures import generation, packaged, queries
from motcua.procedures.packaged import Draft
from motcua.procedures.rules.catalogue import Catalogue
from motcua.procedures.rules.decisions import Decision, DecisionKind, steps_of
from motcua.procedures.rules.process import check_process
from motcua.procedures.rules.versions import ASSUMED_FROM, COMMUNE, term_from
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, and the generation in force after it."""

    added: int
    changed: int
    unchanged: int
    generation: int


@dataclass(frozen=True, slots=True)
class ProvinceAct:
    """A province's act: whose, its number and place, and its days in force (both included)."""

    province_id: int
    source: Citation
    valid_from: date
    valid_to: date | None = None
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What an act decides on one procedure; `unit_id` only for except_unit. See `rules.decisions.Decision`."""

    kind: DecisionKind
    code: str
    value: dict[str, Any]
    act: ProvinceAct
    unit_id: int | None = None


_DRAFTS = """
WITH draft AS (
  SELECT * FROM jsonb_to_recordset(%s::jsonb) AS d(code text, name text, field text, ministry text, decision text,
    valid_from date, valid_to date, body jsonb, digest text)
), named AS (
  INSERT INTO procedures_procedure (code) SELECT code FROM draft ON CONFLICT (code) DO UPDATE SET code = EXCLUDED.code
  RETURNING id, code
)
"""
_LOAD = (
    _DRAFTS
    + """
INSERT INTO procedures_version AS v
  (procedure_id, valid_from, valid_to, name, field, ministry, decision, body, digest)
SELECT n.id, d.valid_from, d.valid_to, d.name, d.field, d.ministry, d.decision, d.body, d.digest
FROM draft d JOIN named n USING (code) ORDER BY d.code
ON CONFLICT (procedure_id, valid_from) DO UPDATE SET
  name = EXCLUDED.name, field = EXCLUDED.field, ministry = EXCLUDED.ministry, decision = EXCLUDED.decision,
  body = EXCLUDED.body, digest = EXCLUDED.digest
WHERE v.digest <> EXCLUDED.digest
RETURNING (xmax = 0) AS added
"""
)


def load(
    *,
    now: datetime,
    actor: str = "system",
    drafts: Sequence[Draft] | None = None,
    report: Callable[[str, int, int], None] = lambda text, done, total: None,
) -> Loaded:
    """Bring the packaged catalogue (or these drafts) in; what is there already stays, a second time changes nothing.

    A draft that starts on the same day as a version in the database is a correction of that version; its period
    is left as later decisions have set it.
    """
    report("Đọc danh mục thủ tục hành chính", 0, 2)
    drafts = packaged.drafts() if drafts is None else drafts
    for draft in drafts:
        packaged.check(draft)
    report("Ghi danh mục thủ tục hành chính", 1, 2)
    with transaction.atomic(), connection.cursor() as cursor:
        generation.lock(cursor)
        cursor.execute(_LOAD, [_written(drafts)])
        added = [bool(row[0]) for row in cursor.fetchall()]
        number = queries.generation()
        if added:
            number = generation.count_up(cursor, now, actor, "catalogue.loaded", [d.code for d in drafts], len(added))
    queries.refresh()
    report("Danh mục thủ tục hành chính", 2, 2)
    return Loaded(sum(added), len(added) - sum(added), len(drafts) - len(added), number)


def adopt(drafts: Sequence[Draft], *, now: datetime, actor: str = "system") -> int:
    """Put new versions in force from their `valid_from`; the version before ends the day before. Gives the generation.

    Raises Conflict when a version that starts on that day or later is there already.
    """
    for draft in drafts:
        packaged.check(draft)
    ends = [{"code": draft.code, "ends": str(draft.valid_from - timedelta(days=1))} for draft in drafts]
    with transaction.atomic(), connection.cursor() as cursor:
        generation.lock(cursor)
        cursor.execute(
            """
            UPDATE procedures_version v SET valid_to = e.ends
            FROM jsonb_to_recordset(%s::jsonb) AS e(code text, ends date), procedures_procedure p
            WHERE p.code = e.code AND v.procedure_id = p.id AND v.valid_from <= e.ends
              AND (v.valid_to IS NULL OR v.valid_to > e.ends)
            """,
            [json.dumps(ends)],
        )
        try:
            cursor.execute(_LOAD.split("ON CONFLICT (procedure_id")[0], [_written(drafts)])
        except IntegrityError as fault:
            raise Conflict(
                "version-overlaps",
                "A version that starts on that day or later is there already.",
                mend="Give the new version a later first day.",
            ) from fault
        codes = [draft.code for draft in drafts]
        number = generation.count_up(cursor, now, actor, "catalogue.adopted", codes, len(drafts))
    queries.refresh()
    return number


def retire(codes: Sequence[str], *, last_day: date, now: datetime, actor: str = "system") -> int:
    """End the procedures with this day (bãi bỏ); open dossiers keep their version. Gives how many ended."""
    with transaction.atomic(), connection.cursor() as cursor:
        generation.lock(cursor)
        cursor.execute(
            """
            UPDATE procedures_version v SET valid_to = %s FROM procedures_procedure p
            WHERE p.code = ANY(%s) AND v.procedure_id = p.id AND v.valid_from <= %s
              AND (v.valid_to IS NULL OR v.valid_to > %s)
            """,
            [last_day, list(codes), last_day, last_day],
        )
        ended = int(cursor.rowcount)
        if ended:
            generation.count_up(cursor, now, actor, "catalogue.retired", codes, ended)
    queries.refresh()
    return ended


OF_A_UNIT = frozenset({DecisionKind.publish, DecisionKind.process, DecisionKind.except_unit})
"""What may be decided for one unit alone."""

FROM_TOMORROW = frozenset({DecisionKind.process, DecisionKind.shorten_term, DecisionKind.delegate})
"""What a dossier keeps from the day on which it was filed: never decided for days on which there may be some."""


@dataclass(frozen=True, slots=True)
class DecisionFault:
    """Why one of the decisions can't be taken: its place in the list, the field, the kind and what it is about."""

    index: int
    field: str
    kind: str
    given: str = ""
    n: int = 0  # the step, where it is one of a process


def compare_decisions(
    decisions: Sequence[NewDecision], *, now: datetime
) -> tuple[tuple[bool, ...], list[DecisionFault]]:
    """For each decision whether it stands there already; and what is wrong with the others. Changes nothing."""
    catalogue = queries.refresh()
    there: list[bool] = []
    faults: list[DecisionFault] = []
    seen: set[tuple[str, str, int | None]] = set()
    for index, decision in enumerate(decisions):
        place = (str(decision.kind), decision.code, decision.unit_id)
        if place in seen:
            faults.append(DecisionFault(index, "code", "decision-twice", decision.code))
        seen.add(place)
        same = catalogue.decided(decision.kind, decision.act.province_id, decision.unit_id, decision.code)
        there.append(any(_is(decision, known) for known in same))
        if not there[-1]:
            faults += [
                DecisionFault(index, field, kind, given, n)
                for field, kind, given, n in _against(decision, same, catalogue, day_of(now))
            ]
    return tuple(there), faults


def _is(decision: NewDecision, known: Decision) -> bool:
    act = decision.act
    return (known.valid_from, known.source.act, known.value) == (act.valid_from, act.source.act, decision.value)


def _against(
    decision: NewDecision, same: Sequence[Decision], catalogue: Catalogue, today: date
) -> Iterator[tuple[str, str, str, int]]:
    """What speaks against a decision: field, kind, what it is about, step."""
    since, until = decision.act.valid_from, decision.act.valid_to
    if since < today:
        yield "valid_from", "decision-past", "", 0
        return
    version = catalogue.version(decision.code, since)
    if version is None:
        yield "code", "procedure-over" if catalogue.known(decision.code) else "procedure-unknown", decision.code, 0
        return
    unit = units.directory().unit(decision.unit_id or decision.act.province_id)
    if unit.level == units.Level.COMMUNE and COMMUNE not in version.levels:
        yield "code", "procedure-not-of-this-level", decision.code, 0
    if since == today and decision.kind in FROM_TOMORROW:
        yield "valid_from", "decision-today", "", 0
    if until is not None and until < since:
        yield "valid_to", "period-reversed", "", 0
    later = [known.valid_from for known in same if known.valid_from >= since]
    if later:
        yield "valid_from", "decision-later-there", f"{max(later):%d/%m/%Y}", 0
    if decision.kind == DecisionKind.process and decision.value["steps"]:
        offer = catalogue.offered(version, decision.act.province_id, decision.unit_id, since)
        for fault in check_process(steps_of(decision.value), offer.term):
            yield fault.field, fault.kind, fault.given, fault.n


@dataclass(frozen=True, slots=True)
class Decided:
    """What a list of decisions changed."""

    added: int
    unchanged: int


def decide_here(decisions: Sequence[NewDecision], *, now: datetime, by: Scope) -> Decided:
    """Take decisions as the administrator of the committee whose they are: the province's, or the unit's own.

    All or nothing; the same again changes nothing. Raises Permanent("decision-rows") with the `faults` of
    `compare_decisions`, NotAllowed for a committee that the caller doesn't administer.
    """
    directory, on = units.directory(), day_of(now)
    for place in {decision.unit_id or decision.act.province_id for decision in decisions}:
        committee = directory.agency_of(place, units.AgencyKind.PEOPLES_COMMITTEE, on)
        if committee is None:
            raise Conflict("committee-missing", "Đơn vị này không có Ủy ban nhân dân trong danh mục.")
        require(by, committee.id, Role.ADMINISTRATOR)
    there, faults = compare_decisions(decisions, now=now)
    if faults:
        raise Permanent("decision-rows", "Quyết định có chỗ chưa đúng.", faults=tuple(faults))
    new = [decision for decision, found in zip(decisions, there, strict=True) if not found]
    if new:
        decide_many(new, now=now, actor=by.name)
    return Decided(len(new), len(decisions) - len(new))


def publish(
    codes: Sequence[str], *, act: ProvinceAct, now: datetime, published: bool = True, actor: str = "system"
) -> int:
    """Công bố (or, with published=False, gỡ công bố) procedures in the province. Gives how many rows are new."""
    return decide_many(_each(DecisionKind.publish, codes, act, {"published": published}), now=now, actor=actor)


def delegate(
    codes: Sequence[str],
    *,
    act: ProvinceAct,
    level: str,
    now: datetime,
    agency: str = "peoples_committee",
    ministry: str = "",
    actor: str = "system",
) -> int:
    """Ủy quyền, phân cấp: who resolves these procedures in the province from that day."""
    value = {"level": level, "agency": agency, "ministry": ministry}
    return decide_many(_each(DecisionKind.delegate, codes, act, value), now=now, actor=actor)


def shorten_term(
    codes: Sequence[str],
    *,
    act: ProvinceAct,
    now: datetime,
    percent: int | None = None,
    term: dict[str, Any] | None = None,
    actor: str = "system",
) -> int:
    """Cắt giảm thời hạn: by a percentage, or to a term such as {"value": 2, "unit": "working_days"}."""
    if (percent is None) == (term is None):
        raise Permanent("decision-unclear", "A cut is a percentage or a term.", mend="Give one of the two.")
    value = {"percent": percent} if percent is not None else dict(term or {})
    return decide_many(_each(DecisionKind.shorten_term, codes, act, value), now=now, actor=actor)


DEMONSTRATION = cite("Dữ liệu trình diễn", confidence=Confidence.ASSUMED)


def decide_demonstration(*, province_id: int, now: datetime) -> int:
    """Made up, to show what a province may do: civil-status terms at its communes 30 % shorter. Gives how many."""
    on = day_of(now)
    codes = [
        version.code
        for version in queries.catalogue().all(on)
        if version.field == "Hộ tịch" and COMMUNE in version.levels and version.term and version.term.value
    ]
    act = ProvinceAct(province_id, DEMONSTRATION, ASSUMED_FROM, demonstration=True)
    return shorten_term(codes, act=act, percent=30, now=now, actor="demonstration")


def set_boundary_free(
    codes: Sequence[str], *, act: ProvinceAct, free: bool, now: datetime, actor: str = "system"
) -> int:
    """Phi địa giới: whether any centre of the province may take these procedures in."""
    return decide_many(_each(DecisionKind.boundary, codes, act, {"free": free}), now=now, actor=actor)


def except_unit(
    codes: Sequence[str], *, act: ProvinceAct, unit_id: int, why: str, now: datetime, actor: str = "system"
) -> int:
    """Ngoại lệ: these procedures are not given in this unit."""
    return decide_many(_each(DecisionKind.except_unit, codes, act, {"why": why}, unit_id), now=now, actor=actor)


def _each(
    kind: DecisionKind, codes: Sequence[str], act: ProvinceAct, value: dict[str, Any], unit_id: int | None = None
) -> list[NewDecision]:
    return [NewDecision(kind, code, value, act, unit_id) for code in codes]


def decide_many(decisions: Sequence[NewDecision], *, now: datetime, actor: str = "system") -> int:
    """Record provincial decisions; one of the same kind that is in force ends the day before the new one starts.

    The same decision a second time changes nothing. Gives how many are new. Raises Permanent for an unknown
    procedure or a value that the kind doesn't take, Conflict where a later decision is there already.
    """
    for decision in decisions:
        _check(decision)
    rows = [
        {
            "kind": str(decision.kind),
            "province_id": decision.act.province_id,
            "unit_id": decision.unit_id,
            "code": decision.code,
            "value": decision.value,
            "valid_from": str(decision.act.valid_from),
            "valid_to": str(decision.act.valid_to) if decision.act.valid_to else None,
            "act": decision.act.source.act,
            "place": decision.act.source.place,
            "demonstration": decision.act.demonstration,
        }
        for decision in decisions
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        generation.lock(cursor)
        given = json.dumps(rows)
        cursor.execute(_UNKNOWN, [given])
        if unknown := [row[0] for row in cursor.fetchall()]:
            raise Permanent(
                "procedure-unknown",
                f"There is no procedure {', '.join(unknown[:5])}.",
                mend="Look the code up with `motcua procedure WORDS`.",
            )
        cursor.execute(_END_BEFORE, [given])
        try:
            cursor.execute(_DECIDE, [given])
        except IntegrityError as fault:
            raise Conflict(
                "decision-overlaps",
                "Another decision of this kind is in force on one of these days.",
                mend="Start after it, or end it first.",
            ) from fault
        made = int(cursor.rowcount)
        if made:
            codes = [decision.code for decision in decisions]
            generation.count_up(cursor, now, actor, "catalogue.decided", codes, made)
    queries.refresh()
    return made


_GIVEN = """
WITH given AS (
  SELECT p.id AS procedure_id, g.* FROM jsonb_to_recordset(%s::jsonb) AS g(kind text, province_id bigint,
    unit_id bigint, code text, value jsonb, valid_from date, valid_to date, act text, place text, demonstration bool)
  LEFT JOIN procedures_procedure p USING (code)
), fresh AS (
  SELECT g.* FROM given g WHERE NOT EXISTS (
    SELECT 1 FROM procedures_decision d
    WHERE d.kind = g.kind AND d.province_id = g.province_id AND d.unit_id IS NOT DISTINCT FROM g.unit_id
      AND d.procedure_id = g.procedure_id AND d.valid_from = g.valid_from AND d.value = g.value AND d.act = g.act)
)
"""
_UNKNOWN = _GIVEN + "SELECT DISTINCT code FROM given WHERE procedure_id IS NULL ORDER BY code"  # noqa: S608 - constants
_END_BEFORE = (
    _GIVEN
    + """
UPDATE procedures_decision d SET valid_to = f.valid_from - 1 FROM fresh f
WHERE d.kind = f.kind AND d.province_id = f.province_id AND d.unit_id IS NOT DISTINCT FROM f.unit_id
  AND d.procedure_id = f.procedure_id AND d.valid_from < f.valid_from
  AND (d.valid_to IS NULL OR d.valid_to >= f.valid_from)
"""
)
_DECIDE = (
    _GIVEN
    + """
INSERT INTO procedures_decision
  (kind, province_id, unit_id, procedure_id, value, valid_from, valid_to, act, place, demonstration)
SELECT kind, province_id, unit_id, procedure_id, value, valid_from, valid_to, act, place, demonstration FROM fresh
"""
)


def _check(decision: NewDecision) -> None:
    kind, value = decision.kind, decision.value
    wrong = ""
    try:
        if kind == DecisionKind.shorten_term:
            if "percent" in value:
                if set(value) != {"percent"} or not 0 < value["percent"] < 100:
                    wrong = "a percentage is a number between 0 and 100"
            else:
                term_from(value)
        elif kind == DecisionKind.delegate:
            if value["level"] not in ("commune", "province"):
                wrong = "authority is delegated to the commune or within the province"
            units.AgencyKind(value.get("agency", "peoples_committee"))
        elif kind == DecisionKind.publish:
            wrong = "" if isinstance(value["published"], bool) else "published is true or false"
        elif kind == DecisionKind.boundary:
            wrong = "" if isinstance(value["free"], bool) else "free is true or false"
        elif kind == DecisionKind.process:
            whole = all(isinstance(step.minutes, int) and step.minutes >= 0 for step in steps_of(value))
            wrong = "" if whole else "the minutes of a step are a whole number"
    except (KeyError, ValueError, TypeError) as fault:
        wrong = str(fault)
    if decision.unit_id is None and kind == DecisionKind.except_unit:
        wrong = "an exception names its unit"
    if decision.unit_id is not None and kind not in OF_A_UNIT:
        wrong = "only the province decides this, for all of its units"
    if decision.act.valid_to and decision.act.valid_to < decision.act.valid_from:
        wrong = "it ends before it starts"
    if not decision.act.source.act.strip():
        wrong = "the deciding act is not named"
    if wrong:
        raise Permanent("decision-unclear", f"The decision on {decision.code} can't be recorded: {wrong}.")


def _written(drafts: Sequence[Draft]) -> str:
    rows = [
        {
            "code": draft.code,
            "name": draft.name,
            "field": draft.field,
            "ministry": draft.ministry,
            "decision": draft.decision,
            "valid_from": str(draft.valid_from),
            "valid_to": str(draft.valid_to) if draft.valid_to else None,
            "body": draft.body,
            "digest": draft.digest,
        }
        for draft in drafts
    ]
    return json.dumps(rows, ensure_ascii=False)

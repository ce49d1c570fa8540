"""What follows when a plan was published or is taken back: positions, tokens, provinces' decisions, dossiers.

It goes in batches, each its own transaction that ends with how far it has come, so that it can be killed anywhere and
taken up again, and doing it twice changes nothing twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.arrays import plain_array, text_array
from motcua.procedures import api as procedures
from motcua.reorganisation import keeping, queries
from motcua.reorganisation.drawing import Drawn, Open, Report
from motcua.reorganisation.models import HandOver, Passed, Plan, Question, Task
from motcua.reorganisation.plan_rows import drawn_of, locked, note
from motcua.reorganisation.queries import Progress
from motcua.reorganisation.rules.heirs import Decided
from motcua.reorganisation.rules.plan import Inherited
from motcua.reorganisation.rules.states import PlanState, Stage, Subject
from motcua.units import api as units

BATCH = 2_000  # dossiers in one transaction
AGENCIES = 40  # whose dossiers are looked for at once
EMPTIED = 1_000  # the same in the sweep, where hardly any has one left
POSTS = 500  # agencies whose positions are passed on in one transaction
STRAYS_FOR = timedelta(days=1)  # so long after it was published the worker looks for what came to an old office


def carry_on(*, now: datetime, name: str | None = None, batches: int = 10) -> int:
    """Do the next batches of the plan that is being applied or undone; how many did something. 0: nothing is left.

    Whoever else does the same plan at this moment is not waited for.
    """
    done = 0
    under_way = Plan.objects.filter(state__in=queries.UNDER_WAY).order_by("id")
    for plan_id, known_as in list(under_way.values_list("id", "name")):
        if name in (None, known_as):
            for _ in range(batches):
                if not _batch(plan_id, now):
                    break
                done += 1
    return done


def until_done(*, name: str, now: Callable[[], datetime], report: Report) -> Iterator[Progress]:
    """Carry on until nothing is left, and tell after each part how far it is."""
    while carry_on(now=now(), name=name):
        found = queries.progress(name)
        report(found.words, found.done, max(found.total, found.done, 1))
        yield found


def pass_on_strays(*, now: datetime) -> int:
    """What still came to an office after it was emptied, from a process that had not heard of the change; how many."""
    count = 0
    for row in Plan.objects.filter(state=PlanState.APPLIED, published_at__gt=now - STRAYS_FOR):
        drawn = drawn_of(row)
        asked = set(
            Question.objects.filter(plan=row, subject=Subject.DOSSIER, decided_at=None).values_list(
                "dossier", flat=True
            )
        )
        found = [number for number in dossiers.find_open(drawn.ending) if number not in asked]
        for at in range(0, len(found), BATCH):
            with transaction.atomic():
                count += _pass_on(locked(row.name), drawn, found[at : at + BATCH], now)
    return count


def _batch(plan_id: int, now: datetime) -> bool:
    """One batch of the plan; False when nothing is left, or when somebody else is at it."""
    with transaction.atomic():
        light = Plan.objects.defer(*queries.HEAVY)
        row = light.select_for_update(skip_locked=True).filter(id=plan_id).first()
        if row is None or row.state not in (PlanState.APPLYING, PlanState.UNDOING):
            return False
        units.refresh()
        drawn = drawn_of(row)
        if row.state == PlanState.UNDOING:
            _give_back(row, drawn, now)
        else:
            STAGES[Stage(row.stage)](row, drawn, now)
        return True


def _next(row: Plan, stage: Stage) -> None:
    row.stage, row.reached = stage, 0
    row.save(update_fields=["stage", "reached"])


def _pass_positions(row: Plan, drawn: Drawn, now: datetime) -> None:
    agencies = [agency for agency in sorted(drawn.ending) if agency > row.reached][:POSTS]
    if not agencies:
        _next(row, Stage.TOKENS)
        return
    passing: list[identity.Succeeding] = []
    questions: list[Question] = []
    for holding in identity.serving(agencies, drawn.on):
        heir = drawn.estate.heir(holding.agency_id, None, "", None, Inherited.POSITIONS)
        if isinstance(heir, Decided):
            passing.append(identity.Succeeding(holding, heir.agency_id))
        else:
            questions.append(
                _question(
                    row, drawn, Subject.POSITION, str(holding.id), holding.agency_id, heir.candidates, heir.why, now
                )
            )
    succeed(row, drawn, passing, now)
    _ask(questions)
    row.reached = agencies[-1]
    row.save(update_fields=["reached"])


def succeed(row: Plan, drawn: Drawn, passing: Sequence[identity.Succeeding], now: datetime) -> None:
    """Positions go on in the heirs' offices; what they were is kept for taking it back."""
    if not passing:
        return
    given = identity.succeed_positions(passing, on=drawn.on, now=now, by=identity.SYSTEM)
    Passed.objects.bulk_create(
        [
            Passed(
                plan=row,
                subject=Subject.POSITION,
                number=p.holding.id,
                agency_before=p.holding.agency_id,
                agency_after=p.agency_id,
                before={"valid_from": str(p.holding.valid_from), "valid_to": _text(p.holding.valid_to)},
                after={"position": number},
            )
            for p, number in zip(passing, given, strict=True)
        ]
    )


def _pass_tokens(row: Plan, drawn: Drawn, now: datetime) -> None:
    questions = []
    for token in identity.tokens():
        if token.revoked_at is not None or token.agencies is None:
            continue
        heirs: set[int] = set()
        for agency in sorted(drawn.ending.intersection(token.agencies)):
            heir = drawn.estate.heir(agency, None, "", None, Inherited.POWERS)
            if isinstance(heir, Decided):
                heirs.add(heir.agency_id)
                office = drawn.estate.heir(agency, None, "", None, Inherited.RECEPTION)
                heirs |= {office.agency_id} if isinstance(office, Decided) else set()
            else:
                key = f"{token.id}:{agency}"
                questions.append(_question(row, drawn, Subject.TOKEN, key, agency, heir.candidates, heir.why, now))
        if heirs - set(token.agencies):
            add_to_token(row, token.id, token.agencies, heirs, now)
    _ask(questions)
    _next(row, Stage.DECISIONS)


def add_to_token(row: Plan, token: int, agencies: Sequence[int], heirs: set[int], now: datetime) -> None:
    """A system's token reaches the heirs too; what it reached before is kept."""
    after = sorted({*agencies, *heirs})
    identity.set_token_agencies(token_id=token, agencies=after, now=now)
    Passed.objects.update_or_create(
        plan=row,
        subject=Subject.TOKEN,
        number=token,
        defaults={"after": {"agencies": after}},
        create_defaults={"before": {"agencies": sorted(agencies)}, "after": {"agencies": after}},
    )


def _pass_decisions(row: Plan, drawn: Drawn, now: datetime) -> None:
    bequests, questions = sorted_decisions(row=row, drawn=drawn, now=now)
    bequeath(row, drawn, bequests, now)
    _ask(questions)
    _next(row, Stage.DOSSIERS)


def ending_decisions(*, drawn: Drawn) -> tuple[procedures.Decision, ...]:
    """What the provinces that end have decided on procedures."""
    ended = [u.id for u in drawn.before.provinces(drawn.eve) if not drawn.after.unit(u.id).in_force(drawn.on)]
    return procedures.decisions_of(ended, drawn.on)


def sorted_decisions(*, row: Plan, drawn: Drawn, now: datetime) -> tuple[list[procedures.Bequest], list[Question]]:
    """The provinces' decisions: what all that make up a new province say alike goes on, the rest a person decides."""
    groups: dict[tuple[int, int | None, str, str], list[procedures.Decision]] = defaultdict(list)
    questions: list[Question] = []
    for decision in ending_decisions(drawn=drawn):
        province = _sole(drawn, decision.province_id)
        unit = _sole(drawn, decision.unit_id) if decision.unit_id is not None else None
        if province is None or (decision.unit_id is not None and unit is None):
            questions.append(_about_decision(row, drawn, [decision], "Đơn vị được chia về nhiều nơi", now))
        else:
            groups[province, unit, decision.kind, decision.code].append(decision)
    bequests = []
    for (province, unit, _kind, _code), alike in groups.items():
        whose = {d.unit_id or d.province_id for d in alike}
        all_of = {s.old_id for s in drawn.after.predecessors(unit or province) if s.on == drawn.on}
        one = {(repr(sorted(d.value.items())), d.valid_to) for d in alike}
        if len(one) == 1 and whose == all_of:
            bequests.append(procedures.Bequest(tuple(d.id for d in alike), province, unit))
        else:
            why = (
                "Các đơn vị hợp thành quyết định khác nhau" if len(one) > 1 else "Chỉ một phần các đơn vị có quyết định"
            )
            questions.append(_about_decision(row, drawn, alike, why, now))
    return bequests, questions


def _sole(drawn: Drawn, unit_id: int) -> int | None:
    found = drawn.after.became(unit_id, drawn.on)
    return found[0].unit.id if len(found) == 1 else None


def _about_decision(row: Plan, drawn: Drawn, alike: Sequence[procedures.Decision], why: str, now: datetime) -> Question:
    first = alike[0]
    new = [c.unit for c in drawn.after.became(first.unit_id or first.province_id, drawn.on)]
    province = drawn.after.province_of(new[0].id, drawn.on).id
    return Question(
        plan=row,
        subject=Subject.DECISION,
        key=str(min(d.id for d in alike)),
        area=first.unit_id or first.province_id,
        committee=_committee(drawn, province),
        candidates=[
            {
                "id": f"{d.id}>{unit.code}",
                "words": f"{d.source} ({drawn.before.unit(d.province_id).at(drawn.eve).full_name})"
                f" cho {unit.at(drawn.on).full_name}",
                "unit": unit.id,
                "decision": d.id,
                "all": sorted(other.id for other in alike),
            }
            for d in alike
            for unit in new
        ]
        + [{"id": "none", "words": "Không giữ quyết định nào", "unit": None, "all": sorted(d.id for d in alike)}],
        reason=f"{why}: {first.kind} {first.code}",
        opened_at=now,
    )


def bequeath(row: Plan, drawn: Drawn, bequests: Sequence[procedures.Bequest], now: datetime) -> None:
    """Decisions of provinces that end go on in the new ones; what they were is kept."""
    if not bequests:
        return
    numbers = {number for bequest in bequests for number in bequest.old}
    old = {d.id: d for d in procedures.catalogue().all_decisions() if d.id in numbers}
    given = procedures.bequeath(bequests, on=drawn.on, now=now, actor=identity.SYSTEM.name)
    Passed.objects.bulk_create(
        [
            Passed(
                plan=row,
                subject=Subject.DECISION,
                number=number,
                before={"valid_to": _text(old[number].valid_to)},
                after={"decision": made},
            )
            for bequest, made in zip(bequests, given, strict=True)
            for number in bequest.old
        ]
    )


def _pass_dossiers(row: Plan, drawn: Drawn, now: datetime) -> None:
    _through(row, drawn, drawn.looked_through, AGENCIES, now, Stage.SWEEP)


def _sweep(row: Plan, drawn: Drawn, now: datetime) -> None:
    _through(row, drawn, sorted(drawn.ending), EMPTIED, now, Stage.DONE)
    if row.stage == Stage.DONE:
        row.state, row.finished_at = PlanState.APPLIED, now
        row.save(update_fields=["state", "finished_at"])
        body = {
            "moved": HandOver.objects.filter(plan=row).count(),
            "open": Question.objects.filter(plan=row, decided_at=None).count(),
        }
        note(row, "plan.applied", now, identity.SYSTEM.name, body)


def _through(row: Plan, drawn: Drawn, agencies: list[int], many: int, now: datetime, after: Stage) -> None:
    """Pass on what lies with the next agencies that have anything, so `many` at a time; `reached` counts agencies.

    Where that is more than a batch, the same agencies come again: what was passed on, or asked about, is no longer
    found there.
    """
    found: list[UUID] = []
    reached = row.reached
    while reached < len(agencies):
        part = agencies[reached : reached + many]
        more = _unasked(row, dossiers.find_open(part, of=() if part[-1] in drawn.ending else drawn.ending))
        if found and len(found) + len(more) > BATCH:
            break
        found += more
        if len(found) > BATCH:
            break
        reached += len(part)
    _pass_on(row, drawn, found[:BATCH], now)
    if reached == len(agencies):
        _next(row, after)
    elif reached > row.reached:
        row.reached = reached
        row.save(update_fields=["reached"])


def _unasked(row: Plan, found: Sequence[UUID]) -> list[UUID]:
    """Those about which no person is asked."""
    if not found:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [row.pk, plain_array(found)])
        asked = frozenset(number for (number,) in cursor.fetchall())
    return [number for number in found if number not in asked]


_ASKED = """
SELECT dossier FROM reorganisation_question
WHERE plan_id = %s AND dossier = ANY(%s::uuid[]) AND dossier IS NOT NULL AND decided_at IS NULL
"""


def _pass_on(row: Plan, drawn: Drawn, found: Sequence[UUID], now: datetime) -> int:
    """Hand these dossiers over to their heirs, and ask a person about the rest; how many were handed over."""
    if not found:
        return 0
    lots = [lot for lot in dossiers.lock_open(found) if drawn.concerns(lot.offices)]
    addresses = addresses_of(drawn, lots)
    moves: list[dossiers.Move] = []
    asking: list[tuple[dossiers.Lot, Open]] = []
    for lot in lots:
        for part, outcome in drawn.outcomes(lot, addresses):
            if isinstance(outcome, Open):
                asking.append((part, outcome))
            else:
                moves.append(dossiers.Move(part, outcome.offices, outcome.ground))
    keep(row, dossiers.inherit(moves, plan=row.name, now=now, directory=drawn.after))
    _ask_about(row, drawn, asking, now)
    return sum(len(move.lot.ids) for move in moves)


def addresses_of(drawn: Drawn, lots: Sequence[dossiers.Lot]) -> dict[str, str]:
    """The addresses of those about whom an address decides, by the dossier's id."""
    asked = [number for lot in lots if drawn.by_address(lot.offices, lot.area) for number in lot.ids]
    return {str(number): address for number, address in dossiers.addresses(asked).items()}


_KEEP = """
INSERT INTO reorganisation_handover AS kept
    (plan_id, dossier, n, reception_before, resolving_before, consulted_before, holder_before,
     reception_after, resolving_after, consulted_after, holder_after)
SELECT %s::bigint, unnest(string_to_array(ids, ','))::uuid, n, a, b, c, d, e, f, g, h
FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[]) AS moved (ids, n, a, b, c, d, e, f, g, h)
ON CONFLICT (plan_id, dossier) DO UPDATE SET n = excluded.n, reception_after = excluded.reception_after,
    resolving_after = excluded.resolving_after, consulted_after = excluded.consulted_after,
    holder_after = excluded.holder_after
"""


def keep(row: Plan, moved: Sequence[dossiers.Moved]) -> None:
    """What dossiers were before the plan, whatever the plan did with them since."""
    if not moved:
        return
    columns = zip(*((m.n, *m.before, m.holder_before, *m.after, m.holder_after) for m in moved), strict=True)
    arrays = [plain_array("NULL" if value is None else value for value in column) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [row.pk, text_array(",".join(m.ids) for m in moved), *arrays])


def _ask_about(row: Plan, drawn: Drawn, asking: Sequence[tuple[dossiers.Lot, Open]], now: datetime) -> None:
    """Ask a person of the province about each of these dossiers, with all the places to which it could go."""
    codes = dossiers.codes_of([number for lot, _ in asking for number in lot.ids])
    questions = []
    for lot, outcome in asking:
        committee = _committee(drawn, _new_province(drawn, lot.area))
        candidates = [
            {
                "id": drawn.after.unit(place.unit).code,
                "words": drawn.after.unit(place.unit).at(drawn.on).full_name,
                "unit": place.unit,
                "offices": place.offices._asdict(),
            }
            for place in outcome.places
        ]
        for number in map(UUID, lot.ids):
            questions.append(
                Question(
                    plan=row,
                    subject=Subject.DOSSIER,
                    key=codes[number],
                    dossier=number,
                    area=lot.area,
                    agency=lot.holder,
                    committee=committee,
                    candidates=candidates,
                    reason=outcome.why,
                    opened_at=now,
                )
            )
    _ask(questions)


def _question(
    row: Plan, drawn: Drawn, subject: Subject, key: str, agency: int, heirs: Sequence[int], why: str, now: datetime
) -> Question:
    """What becomes of a position or a token in an agency with several heirs, or none."""
    found = [drawn.after.agency(heir) for heir in heirs]
    return Question(
        plan=row,
        subject=subject,
        key=key,
        area=drawn.before.agency(agency).unit_id,
        agency=agency,
        committee=_committee(drawn, _new_province(drawn, drawn.before.agency(agency).unit_id)),
        candidates=[
            {"id": a.org(drawn.on) or str(a.id), "words": a.name_at(drawn.on), "unit": a.unit_id, "agency": a.id}
            for a in found
        ],
        reason=why,
        opened_at=now,
    )


def _new_province(drawn: Drawn, unit_id: int) -> int:
    """The province in which a unit's area lies afterwards; of a split one the first by code, for the queue alone."""
    found = drawn.after.became(unit_id, drawn.on)
    return drawn.after.province_of(found[0].unit.id if found else unit_id, drawn.on).id


def _committee(drawn: Drawn, province: int) -> int:
    found = drawn.after.agency_of(province, units.AgencyKind.PEOPLES_COMMITTEE, drawn.on)
    return found.id if found else 0


def _ask(questions: Sequence[Question]) -> None:
    Question.objects.bulk_create(questions, ignore_conflicts=True)


STAGES: dict[Stage, Callable[[Plan, Drawn, datetime], None]] = {
    Stage.POSITIONS: _pass_positions,
    Stage.TOKENS: _pass_tokens,
    Stage.DECISIONS: _pass_decisions,
    Stage.DOSSIERS: _pass_dossiers,
    Stage.SWEEP: _sweep,
}


def _give_back(row: Plan, drawn: Drawn, now: datetime) -> None:
    """One batch of what was passed on goes back; when all of it has, the directory does, in one transaction."""
    kept = list(HandOver.objects.filter(plan=row).order_by("dossier")[:BATCH])
    if kept:
        before = {
            str(k.dossier): dossiers.Offices(k.reception_before, k.resolving_before, k.consulted_before) for k in kept
        }
        moves = []
        for lot in dossiers.lock_open(before):
            there: dict[dossiers.Offices, list[str]] = defaultdict(list)
            for number in lot.ids:
                there[before[number]].append(number)
            moves += [
                dossiers.Move(lot._replace(ids=tuple(ids)), to, f"Hoàn tác kế hoạch {row.name}")
                for to, ids in there.items()
            ]
        dossiers.give_back(moves, plan=row.name, now=now, directory=drawn.after)
        HandOver.objects.filter(plan=row, dossier__in=[k.dossier for k in kept]).delete()
        return
    passed: dict[str, list[Passed]] = defaultdict(list)
    for found in Passed.objects.filter(plan=row).order_by("id"):
        passed[found.subject].append(found)
    positions = [
        identity.GivenBack(
            p.after["position"],
            p.number,
            date.fromisoformat(p.before["valid_from"]),
            date.fromisoformat(p.before["valid_to"]) if p.before["valid_to"] else None,
        )
        for p in passed[Subject.POSITION]
    ]
    if positions:
        identity.take_back_positions(positions, now=now)
    for p in passed[Subject.TOKEN]:
        identity.set_token_agencies(token_id=p.number, agencies=p.before["agencies"], now=now)
    if decisions := passed[Subject.DECISION]:
        procedures.take_back_decisions(
            {p.after["decision"] for p in decisions},
            [
                procedures.Returned(
                    p.number, date.fromisoformat(p.before["valid_to"]) if p.before["valid_to"] else None
                )
                for p in decisions
            ],
            now=now,
            actor=identity.SYSTEM.name,
        )
    Passed.objects.filter(plan=row).delete()
    Question.objects.filter(plan=row).delete()
    Task.objects.filter(plan=row).delete()
    assert row.change is not None
    units.take_back(change=keeping.from_bytes(bytes(row.change)), note=f"Hoàn tác kế hoạch {row.name}", now=now)
    row.state, row.change, row.finished_at, row.scheduled_at = PlanState.UNDONE, None, now, None
    row.save(update_fields=["state", "change", "finished_at", "scheduled_at"])
    note(row, "plan.undone", now, identity.SYSTEM.name, {"round": row.round})


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""The verbs of a reorganisation: register, approve, apply, carry on, undo, decide.

Publishing the new directory is one transaction: a reader sees all of the old or all of the new. What follows goes in
batches, each its own transaction that ends with how far it has come, so that it can be killed anywhere and taken up
again, and doing it twice changes nothing twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.arrays import plain_array
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.kernel.journal import api as journal
from motcua.procedures import api as procedures
from motcua.reorganisation import drawing, keeping, queries
from motcua.reorganisation.drawing import Drawn, Open, Report
from motcua.reorganisation.models import Approval, HandOver, Passed, Plan, Question, Task
from motcua.reorganisation.queries import Obstacle, Progress
from motcua.reorganisation.rules.heirs import Decided
from motcua.reorganisation.rules.plan import Inherited
from motcua.reorganisation.rules.states import SIGNATURES, PlanState, Stage, Subject
from motcua.reorganisation.rules.text import digest as digest_of
from motcua.units import api as units

BATCH = 2_000  # dossiers in one transaction
AGENCIES = 40  # whose dossiers are looked for at once
POSTS = 500  # agencies whose positions are passed on in one transaction
STRAYS_FOR = timedelta(days=1)  # so long after it was published the worker looks for what came to an old office
SIGNING = frozenset({identity.Role.LEADER, identity.Role.SIGNATORY})
DECIDING = frozenset({identity.Role.LEADER, identity.Role.ADMINISTRATOR})


def _silent(text: str, done: int, total: int) -> None:
    pass


# --- before it is applied -----------------------------------------------------------------------------------------


def register(*, text: str, now: datetime, by: identity.Scope = identity.SYSTEM) -> str:
    """Keep a checked plan under its name; gives the name. The same again changes nothing.

    Another text under the name of a plan that is not yet applied takes its place, and no signature holds for it.
    Permanent("plan-faulty") names each line that is wrong.
    """
    found = drawing.checked(text)
    digest = digest_of(text)
    with transaction.atomic():
        row, made = Plan.objects.select_for_update().get_or_create(
            name=found.name,
            defaults={
                "title": found.title,
                "text": text,
                "digest": digest,
                "state": PlanState.REGISTERED,
                "on": found.on,
                "effective_at": found.effective_at,
                "undo_until": found.undo_until,
                "registered_at": now,
            },
        )
        if not made:
            if row.digest == digest:
                return row.name
            if row.state not in (PlanState.REGISTERED, PlanState.APPROVED, PlanState.UNDONE):
                raise Conflict(
                    "plan-in-force",
                    f"Kế hoạch {row.name} đã áp dụng, không thay được nội dung.",
                    mend="Lập một kế hoạch mới, hoặc hoàn tác kế hoạch này trước.",
                )
            row.title, row.text, row.digest, row.on = found.title, text, digest, found.on
            row.effective_at, row.undo_until = found.effective_at, found.undo_until
            row.state, row.registered_at, row.scheduled_at = PlanState.REGISTERED, now, None
            row.rehearsed_at = row.rehearsal = row.rehearsal_asked_at = None
            row.rehearsal_failed = ""
            row.save()
        _note(row, "plan.registered", now, by.name, {"digest": digest})
    return found.name


def ask_rehearsal(*, name: str, now: datetime, by: identity.Scope = identity.SYSTEM) -> None:
    """Ask the worker to rehearse the plan; asked again while it still is to be done changes nothing."""
    with transaction.atomic():
        row = _locked(name)
        if row.rehearsal_asked_at is None:
            row.rehearsal_asked_at, row.rehearsal_failed = now, ""
            row.save(update_fields=["rehearsal_asked_at", "rehearsal_failed"])
            _note(row, "plan.rehearsal_asked", now, by.name, {"digest": row.digest})


def approve(
    *, name: str, digest: str, position_id: int, now: datetime, by: identity.Scope = identity.SYSTEM
) -> PlanState:
    """An official signs the text with this digest, in a position as leader or signatory of a province concerned.

    Two different officials make the plan approved. Conflict if the text has another digest by now, or if the same
    official has signed it.
    """
    held = identity.position_of(position_id, clock.day_of(now))
    if held is None or not by.reaches(held.agency_id) or by.position not in (None, position_id):
        raise NotAllowed("position-not-entitled", f"Vị trí số {position_id} không ký được kế hoạch này.")
    if held.role not in SIGNING:
        raise NotAllowed("role-missing", "Chỉ lãnh đạo hoặc người có thẩm quyền ký mới phê duyệt kế hoạch.")
    with transaction.atomic():
        row = _locked(name)
        if row.state not in (PlanState.REGISTERED, PlanState.APPROVED, PlanState.UNDONE):
            raise Conflict("plan-in-force", f"Kế hoạch {name} đã áp dụng.")
        if digest != row.digest or digest_of(row.text) != row.digest:
            raise Conflict(
                "plan-changed",
                "Nội dung kế hoạch đã thay đổi từ khi được xem.",
                mend=f"Xem lại nội dung hiện nay (mã băm {row.digest[:16]}…) rồi ký.",
                digest=row.digest,
            )
        drawn = _drawn(row)
        _refuse_past(row, drawn)
        agency = drawn.before.agency(held.agency_id)
        unit = drawn.before.unit(agency.unit_id)
        if agency.kind != units.AgencyKind.PEOPLES_COMMITTEE or unit.id not in drawn.provinces:
            raise NotAllowed(
                "agency-not-entitled",
                f"{agency.name_at(drawn.eve)} không phải Ủy ban nhân dân của tỉnh, thành phố được sắp xếp.",
            )
        try:
            with transaction.atomic():
                Approval.objects.create(
                    plan=row,
                    digest=digest,
                    round=row.round,
                    official=held.official_id,
                    position=held.id,
                    agency=held.agency_id,
                    name=held.official,
                    title=held.title,
                    at=now,
                )
        except IntegrityError as twice:
            raise Conflict(
                "signed-already", f"{held.official} đã ký kế hoạch này.", mend="Cần chữ ký của một người khác."
            ) from twice
        if _signed(row) >= SIGNATURES:
            row.state = PlanState.APPROVED
            row.save(update_fields=["state"])
        body = {"digest": digest, "official": held.official_id, "position": held.id}
        _note(row, "plan.approved", now, by.name, body)
    return PlanState(row.state)


def apply(*, name: str, now: datetime, by: identity.Scope = identity.SYSTEM, report: Report = _silent) -> Progress:
    """Publish the plan's directory at its moment; what follows is carried on by `carry_on`, here or by the worker.

    Before its moment it is only scheduled. Twice changes nothing twice.
    """
    row = _plan(name)
    if row.state in (PlanState.APPLYING, PlanState.APPLIED):
        return queries.progress(name)
    if row.state == PlanState.UNDOING:
        raise Conflict("plan-undoing", f"Kế hoạch {name} đang được hoàn tác.", mend="Đợi hoàn tác xong.")
    if row.state != PlanState.APPROVED or digest_of(row.text) != row.digest or _signed(row) < SIGNATURES:
        raise Conflict(
            "plan-not-approved",
            f"Kế hoạch {name} chưa đủ {SIGNATURES} chữ ký cho nội dung hiện nay.",
            mend="Trình ký: motcua reorganise approve.",
        )
    if now < row.effective_at:
        with transaction.atomic():
            if Plan.objects.filter(id=row.pk, scheduled_at=None).update(scheduled_at=now):
                _note(row, "plan.scheduled", now, by.name, {"at": row.effective_at.isoformat()})
        return queries.progress(name)
    _publish(row, now=now, by=by, report=report)
    return queries.progress(name)


def _publish(row: Plan, *, now: datetime, by: identity.Scope, report: Report) -> None:
    report("Soạn danh mục mới", 0, 3)
    units.refresh()
    drawn = _drawn(row)
    _refuse_past(row, drawn)
    total = sum(found.count for found in dossiers.count_open(drawn.looked_through) if drawn.concerns(found.offices))
    prepared, kept = units.prepare(change=drawn.change), keeping.to_bytes(drawn.change)
    report("Công bố danh mục mới", 1, 3)
    with transaction.atomic():
        fresh = _locked(row.name)
        if fresh.state != PlanState.APPROVED or fresh.digest != row.digest:
            raise Conflict("plan-changed", "Kế hoạch vừa thay đổi.", mend="Xem lại trạng thái của kế hoạch.")
        before = units.generation()
        published = units.carry_out(
            prepared=prepared, note=f"Kế hoạch {row.name}: {row.title}"[:200], now=now, actor=by.name
        )
        fresh.state, fresh.stage, fresh.reached, fresh.total = PlanState.APPLYING, Stage.POSITIONS, 0, total
        fresh.published_at, fresh.finished_at, fresh.change = now, None, kept
        fresh.round += 1
        fresh.generation_before = before.number if before else None
        fresh.generation_after = published.number
        fresh.save()
        Task.objects.bulk_create(
            [
                Task(
                    plan=fresh,
                    line=task.line,
                    kind=task.kind,
                    words=task.words,
                    source=task.source,
                    due_on=drawn.on + timedelta(days=task.due_days) if task.due_days is not None else None,
                )
                for task in drawn.plan.tasks
            ]
        )
        body = {"digest": row.digest, "generation": published.number, "round": fresh.round}
        _note(fresh, "plan.published", now, by.name, body)
    units.refresh()
    report("Đã công bố danh mục mới", 3, 3)


# --- what follows -------------------------------------------------------------------------------------------------


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


def publish_scheduled(*, now: datetime) -> int:
    """Publish what is approved, scheduled and due; how many."""
    due = Plan.objects.filter(state=PlanState.APPROVED, scheduled_at__isnull=False, effective_at__lte=now)
    names = list(due.values_list("name", flat=True))
    for name in names:
        apply(name=name, now=now)
    return len(names)


def pass_on_strays(*, now: datetime) -> int:
    """What still came to an office after it was emptied, from a process that had not heard of the change; how many."""
    count = 0
    for row in Plan.objects.filter(state=PlanState.APPLIED, published_at__gt=now - STRAYS_FOR):
        drawn = _drawn(row)
        asked = set(
            Question.objects.filter(plan=row, subject=Subject.DOSSIER, decided_at=None).values_list(
                "dossier", flat=True
            )
        )
        found = [number for number in dossiers.find_open(drawn.ending) if number not in asked]
        for at in range(0, len(found), BATCH):
            with transaction.atomic():
                count += _pass_on(_locked(row.name), drawn, found[at : at + BATCH], now)
    return count


def _batch(plan_id: int, now: datetime) -> bool:
    """One batch of the plan; False when nothing is left, or when somebody else is at it."""
    with transaction.atomic():
        light = Plan.objects.defer(*queries.HEAVY)
        row = light.select_for_update(skip_locked=True).filter(id=plan_id).first()
        if row is None or row.state not in (PlanState.APPLYING, PlanState.UNDOING):
            return False
        units.refresh()
        drawn = _drawn(row)
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
    _succeed(row, drawn, passing, now, identity.SYSTEM)
    _ask(questions)
    row.reached = agencies[-1]
    row.save(update_fields=["reached"])


def _succeed(
    row: Plan, drawn: Drawn, passing: Sequence[identity.Succeeding], now: datetime, by: identity.Scope
) -> None:
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
            _add_to_token(row, token.id, token.agencies, heirs, now)
    _ask(questions)
    _next(row, Stage.DECISIONS)


def _add_to_token(row: Plan, token: int, agencies: Sequence[int], heirs: set[int], now: datetime) -> None:
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
    _bequeath(row, drawn, bequests, now)
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


def _bequeath(row: Plan, drawn: Drawn, bequests: Sequence[procedures.Bequest], now: datetime) -> None:
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
    _through(row, drawn, drawn.looked_through, now, Stage.SWEEP)


def _sweep(row: Plan, drawn: Drawn, now: datetime) -> None:
    _through(row, drawn, sorted(drawn.ending), now, Stage.DONE)
    if row.stage == Stage.DONE:
        row.state, row.finished_at = PlanState.APPLIED, now
        row.save(update_fields=["state", "finished_at"])
        body = {"moved": HandOver.objects.filter(plan=row).count(), "open": _open_questions(row)}
        _note(row, "plan.applied", now, identity.SYSTEM.name, body)


def _through(row: Plan, drawn: Drawn, agencies: list[int], now: datetime, after: Stage) -> None:
    """Pass on what lies with the next agencies that have anything; `reached` counts agencies.

    Where that is more than a batch, the same agencies come again: what was passed on, or asked about, is no longer
    found there.
    """
    found: list[UUID] = []
    reached = row.reached
    while reached < len(agencies):
        part = agencies[reached : reached + AGENCIES]
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
    waiting = Question.objects.filter(plan=row, dossier__in=found, decided_at=None)
    asked = frozenset(waiting.values_list("dossier", flat=True))
    return [number for number in found if number not in asked]


def _pass_on(row: Plan, drawn: Drawn, found: Sequence[UUID], now: datetime) -> int:
    """Hand these dossiers over to their heirs, and ask a person about the rest; how many were handed over."""
    if not found:
        return 0
    open_ = [d for d in dossiers.lock_open(found) if drawn.concerns(d.offices)]
    asking = [d.id for d in open_ if drawn.by_address(d.offices, d.area)]
    addresses = dossiers.addresses(asking)
    moves: list[dossiers.Move] = []
    questions: list[Question] = []
    for dossier in open_:
        outcome = drawn.outcome(dossier.offices, dossier.area, addresses.get(dossier.id, ""))
        if isinstance(outcome, Open):
            questions.append(_about_dossier(row, drawn, dossier, outcome, now))
        else:
            moves.append(dossiers.Move(dossier, outcome.offices, outcome.ground))
    _keep(row, dossiers.inherit(moves, plan=row.name, now=now, directory=drawn.after))
    _ask(questions)
    return len(moves)


_KEEP = """
INSERT INTO reorganisation_handover AS kept
    (plan_id, dossier, n, reception_before, resolving_before, consulted_before, holder_before,
     reception_after, resolving_after, consulted_after, holder_after)
SELECT %s::bigint, * FROM unnest(%s::uuid[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT (plan_id, dossier) DO UPDATE SET n = excluded.n, reception_after = excluded.reception_after,
    resolving_after = excluded.resolving_after, consulted_after = excluded.consulted_after,
    holder_after = excluded.holder_after
"""


def _keep(row: Plan, moved: Sequence[dossiers.Moved]) -> None:
    """What a dossier was before the plan, whatever the plan did with it since."""
    if not moved:
        return
    columns = zip(*((m.id, m.n, *m.before, m.holder_before, *m.after, m.holder_after) for m in moved), strict=True)
    arrays = [plain_array("NULL" if value is None else value for value in column) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [row.pk, *arrays])


def _about_dossier(row: Plan, drawn: Drawn, dossier: dossiers.Open, outcome: Open, now: datetime) -> Question:
    return Question(
        plan=row,
        subject=Subject.DOSSIER,
        key=dossier.code,
        dossier=dossier.id,
        area=dossier.area,
        agency=dossier.holder,
        committee=_committee(drawn, _new_province(drawn, dossier.area)),
        candidates=[
            {
                "id": drawn.after.unit(place.unit).code,
                "words": drawn.after.unit(place.unit).at(drawn.on).full_name,
                "unit": place.unit,
                "offices": place.offices._asdict(),
            }
            for place in outcome.places
        ],
        reason=outcome.why,
        opened_at=now,
    )


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


# --- what a person decides ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody chooses one of the candidates of a question, by the candidate's `id`."""

    question: int
    candidate: str


def decide(choices: Sequence[Choice], *, now: datetime, by: identity.Scope) -> int:
    """What no rule decides is decided by a leader or administrator of the province; all of the list or nothing.

    The same choice again changes nothing; another one than was taken is a Conflict.
    """
    if by.roles.isdisjoint(DECIDING):
        raise NotAllowed("role-missing", "Chỉ lãnh đạo hoặc quản trị của tỉnh, thành phố quyết định việc này.")
    with transaction.atomic():
        wanted = {choice.question: choice.candidate for choice in choices}
        rows = {q.pk: q for q in Question.objects.select_for_update().filter(id__in=wanted).order_by("id")}
        done = 0
        for number, candidate in wanted.items():
            question = rows.get(number)
            if question is None or not by.reaches(question.committee):
                raise NotFound("question-unknown", f"Không có việc số {number} chờ ông/bà quyết định.")
            if question.decided_at is not None:
                if question.choice == candidate:
                    continue
                raise Conflict("decided-already", f"Việc số {number} đã được quyết định: {question.choice}.")
            chosen = next((c for c in question.candidates if c["id"] == candidate), None)
            if chosen is None:
                raise Permanent(
                    "candidate-unknown",
                    f"“{candidate}” không phải một phương án của việc số {number}.",
                    mend=f"Chọn một trong: {', '.join(c['id'] for c in question.candidates)}.",
                )
            row = _locked(Plan.objects.get(id=question.plan_id).name)
            if row.state not in (PlanState.APPLYING, PlanState.APPLIED):
                raise Conflict("plan-not-applied", f"Kế hoạch {row.name} không đang áp dụng.")
            question.decided_at, question.decided_by, question.choice = now, by.name, candidate
            question.save(update_fields=["decided_at", "decided_by", "choice"])
            DECIDED[Subject(question.subject)](row, _drawn(row), question, chosen, now, by)
            body = {"subject": question.subject, "key": question.key, "choice": candidate, "position": by.position}
            _note(row, "plan.decided", now, by.name, body)
            done += 1
    return done


def _decide_dossier(
    row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime, by: identity.Scope
) -> None:
    assert question.dossier is not None
    for dossier in dossiers.lock_open([question.dossier]):  # none: it was closed meanwhile, and stays where it is
        if drawn.concerns(dossier.offices):
            to = dossiers.Offices(**chosen["offices"])
            if dossier.consulted is None:
                to = to._replace(consulted=None)
            ground = f"{row.title}; quyết định việc số {question.pk} của kế hoạch {row.name}"
            move = dossiers.Move(dossier, to, ground)
            _keep(row, dossiers.inherit([move], plan=row.name, now=now, directory=drawn.after))


def _decide_position(
    row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime, by: identity.Scope
) -> None:
    held = [h for h in identity.serving([question.agency or 0], drawn.on) if h.id == int(question.key)]
    _succeed(row, drawn, [identity.Succeeding(holding, chosen["agency"]) for holding in held], now, by)


def _decide_token(
    row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime, by: identity.Scope
) -> None:
    for token in identity.tokens():
        if token.id == int(question.key.split(":")[0]) and token.agencies is not None and token.revoked_at is None:
            _add_to_token(row, token.id, token.agencies, {chosen["agency"]}, now)


def _decide_decision(
    row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime, by: identity.Scope
) -> None:
    if chosen["id"] == "none":
        return
    unit = drawn.after.unit(chosen["unit"])
    province = drawn.after.province_of(unit.id, drawn.on).id
    others = tuple(number for number in chosen["all"] if number != chosen["decision"])
    own = unit.id if unit.id != province else None
    _bequeath(row, drawn, [procedures.Bequest((chosen["decision"], *others), province, own)], now)


DECIDED = {
    Subject.DOSSIER: _decide_dossier,
    Subject.POSITION: _decide_position,
    Subject.TOKEN: _decide_token,
    Subject.DECISION: _decide_decision,
}


def tick(*, task_id: int, done: bool, now: datetime, by: identity.Scope) -> None:
    """A person says that a task is done, or that it isn't after all."""
    if by.roles.isdisjoint(DECIDING):
        raise NotAllowed("role-missing", "Chỉ lãnh đạo hoặc quản trị đánh dấu việc này.")
    with transaction.atomic():
        task = Task.objects.select_for_update().filter(id=task_id).first()
        if task is None:
            raise NotFound("task-unknown", f"Không có việc số {task_id}.")
        if (task.done_at is not None) == done:
            return
        task.done_at, task.done_by = (now, by.name) if done else (None, "")
        task.save(update_fields=["done_at", "done_by"])
        row = Plan.objects.get(id=task.plan_id)
        _note(row, "plan.task-done" if done else "plan.task-reopened", now, by.name, {"line": task.line})


# --- undo ---------------------------------------------------------------------------------------------------------


def undo(*, name: str, now: datetime, by: identity.Scope = identity.SYSTEM) -> Progress:
    """Begin to take the plan back; `carry_on` goes on with it. Conflict("undo-blocked") lists what stands on it."""
    with transaction.atomic():
        row = _locked(name)
        if row.state == PlanState.UNDOING:
            return queries.progress(name)
        obstacles = queries.obstacles(name, now=now)
        if obstacles:
            raise _blocked(row, obstacles)
        row.state = PlanState.UNDOING
        row.save(update_fields=["state"])
        _note(row, "plan.undoing", now, by.name, {"round": row.round})
    return queries.progress(name)


def _blocked(row: Plan, obstacles: Sequence[Obstacle]) -> Conflict:
    return Conflict(
        "undo-blocked",
        f"Không hoàn tác được kế hoạch {row.name}: {'; '.join(o.words for o in obstacles)}.",
        mend="Lập một kế hoạch mới để sửa.",
        obstacles=[asdict(obstacle) for obstacle in obstacles],
    )


def _give_back(row: Plan, drawn: Drawn, now: datetime) -> None:
    """One batch of what was passed on goes back; when all of it has, the directory does, in one transaction."""
    kept = list(HandOver.objects.filter(plan=row).order_by("dossier")[:BATCH])
    if kept:
        locked = {d.id: d for d in dossiers.lock_open([k.dossier for k in kept])}
        moves = [
            dossiers.Move(
                locked[k.dossier],
                dossiers.Offices(k.reception_before, k.resolving_before, k.consulted_before),
                f"Hoàn tác kế hoạch {row.name}",
            )
            for k in kept
            if k.dossier in locked
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
    _note(row, "plan.undone", now, identity.SYSTEM.name, {"round": row.round})


# --- what they share ----------------------------------------------------------------------------------------------


def _plan(name: str) -> Plan:
    row = Plan.objects.filter(name=name).first()
    if row is None:
        raise queries.unknown(name)
    return row


def _locked(name: str) -> Plan:
    row = Plan.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise queries.unknown(name)
    return row


def _drawn(row: Plan) -> Drawn:
    return drawing.draw_known(row.digest, lambda: row.text)


def _signed(row: Plan) -> int:
    return Approval.objects.filter(plan=row, digest=row.digest, round=row.round).count()


def _open_questions(row: Plan) -> int:
    return Question.objects.filter(plan=row, decided_at=None).count()


def _refuse_past(row: Plan, drawn: Drawn) -> None:
    if drawn.past:
        raise Conflict(
            "plan-there-already",
            f"Danh mục đang có hiệu lực đã có thay đổi của ngày {drawn.on:%d/%m/%Y} hoặc sau đó.",
            mend="Kế hoạch này chỉ còn diễn tập được (motcua reorganise rehearse).",
        )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _note(row: Plan, act: str, now: datetime, actor: str, body: dict[str, Any]) -> None:
    entry = journal.Entry(queries.subject(row.name), act, now, actor, {"plan": row.name, **body})
    journal.record([entry])


def until_done(*, name: str, now: Callable[[], datetime], report: Report = _silent) -> Iterator[Progress]:
    """Carry on until nothing is left, and tell after each part how far it is."""
    while carry_on(now=now(), name=name):
        found = queries.progress(name)
        report(found.words, found.done, max(found.total, found.done, 1))
        yield found

"""The verbs of a reorganisation: register, approve, apply, carry on, undo, decide.

Publishing the new directory is one transaction: a reader sees all of the old or all of the new. What follows from it
goes in batches (`following.py`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.procedures import api as procedures
from motcua.reorganisation import drawing, following, keeping, queries
from motcua.reorganisation.drawing import Drawn, Report
from motcua.reorganisation.models import Approval, Plan, Question, Task
from motcua.reorganisation.plan_rows import drawn_of, locked, note, plan_row
from motcua.reorganisation.queries import Obstacle, Progress
from motcua.reorganisation.rules.states import SIGNATURES, PlanState, Stage, Subject
from motcua.reorganisation.rules.text import digest as digest_of
from motcua.units import api as units

SIGNING = frozenset({identity.Role.LEADER, identity.Role.SIGNATORY})
LEADING = frozenset({identity.Role.LEADER})
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
        note(row, "plan.registered", now, by.name, {"digest": digest})
    return found.name


def ask_rehearsal(*, name: str, now: datetime, by: identity.Scope = identity.SYSTEM) -> None:
    """Ask the worker to rehearse the plan; asked again while it still is to be done changes nothing."""
    with transaction.atomic():
        row = locked(name)
        if row.rehearsal_asked_at is None:
            row.rehearsal_asked_at, row.rehearsal_failed = now, ""
            row.save(update_fields=["rehearsal_asked_at", "rehearsal_failed"])
            note(row, "plan.rehearsal_asked", now, by.name, {"digest": row.digest})


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
        row = locked(name)
        if row.state not in (PlanState.REGISTERED, PlanState.APPROVED, PlanState.UNDONE):
            raise Conflict("plan-in-force", f"Kế hoạch {name} đã áp dụng.")
        if digest != row.digest or digest_of(row.text) != row.digest:
            raise Conflict(
                "plan-changed",
                "Nội dung kế hoạch đã thay đổi từ khi được xem.",
                mend=f"Xem lại nội dung hiện nay (mã băm {row.digest[:16]}…) rồi ký.",
                digest=row.digest,
            )
        drawn = drawn_of(row)
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
        note(row, "plan.approved", now, by.name, body)
    return PlanState(row.state)


def apply(*, name: str, now: datetime, by: identity.Scope = identity.SYSTEM, report: Report = _silent) -> Progress:
    """Publish the plan's directory at its moment; what follows is carried on by `carry_on`, here or by the worker.

    Before its moment it is only scheduled. Twice changes nothing twice.
    """
    row = plan_row(name)
    _require(by, LEADING, row)
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
                note(row, "plan.scheduled", now, by.name, {"at": row.effective_at.isoformat()})
        return queries.progress(name)
    _publish(row, now=now, by=by, report=report)
    return queries.progress(name)


def _publish(row: Plan, *, now: datetime, by: identity.Scope, report: Report) -> None:
    report("Soạn danh mục mới", 0, 3)
    units.refresh()
    drawn = drawn_of(row)
    _refuse_past(row, drawn)
    total = sum(found.count for found in dossiers.count_open(drawn.looked_through) if drawn.concerns(found.offices))
    prepared, kept = units.prepare(change=drawn.change), keeping.to_bytes(drawn.change)
    report("Công bố danh mục mới", 1, 3)
    with transaction.atomic():
        fresh = locked(row.name)
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
        note(fresh, "plan.published", now, by.name, body)
    if units.refresh().number == published.number:
        drawing.keep_published(row.digest, drawn)
    report("Đã công bố danh mục mới", 3, 3)


def publish_scheduled(*, now: datetime) -> int:
    """Publish what is approved, scheduled and due; how many."""
    due = Plan.objects.filter(state=PlanState.APPROVED, scheduled_at__isnull=False, effective_at__lte=now)
    names = list(due.values_list("name", flat=True))
    for name in names:
        apply(name=name, now=now)
    return len(names)


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
            row = locked(Plan.objects.get(id=question.plan_id).name)
            if row.state not in (PlanState.APPLYING, PlanState.APPLIED):
                raise Conflict("plan-not-applied", f"Kế hoạch {row.name} không đang áp dụng.")
            question.decided_at, question.decided_by, question.choice = now, by.name, candidate
            question.save(update_fields=["decided_at", "decided_by", "choice"])
            DECIDED[Subject(question.subject)](row, drawn_of(row), question, chosen, now)
            body = {"subject": question.subject, "key": question.key, "choice": candidate, "position": by.position}
            note(row, "plan.decided", now, by.name, body)
            done += 1
    return done


def _decide_dossier(row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime) -> None:
    assert question.dossier is not None
    for lot in dossiers.lock_open([question.dossier]):  # none: it was closed meanwhile, and stays where it is
        if drawn.concerns(lot.offices):
            to = dossiers.Offices(**chosen["offices"])
            if lot.consulted is None:
                to = to._replace(consulted=None)
            ground = f"{row.title}; quyết định việc số {question.pk} của kế hoạch {row.name}"
            move = dossiers.Move(lot, to, ground)
            following.keep(row, dossiers.inherit([move], plan=row.name, now=now, directory=drawn.after))


def _decide_position(row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime) -> None:
    held = [h for h in identity.serving([question.agency or 0], drawn.on) if h.id == int(question.key)]
    following.succeed(row, drawn, [identity.Succeeding(holding, chosen["agency"]) for holding in held], now)


def _decide_token(row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime) -> None:
    for token in identity.tokens():
        if token.id == int(question.key.split(":")[0]) and token.agencies is not None and token.revoked_at is None:
            following.add_to_token(row, token.id, token.agencies, {chosen["agency"]}, now)


def _decide_decision(row: Plan, drawn: Drawn, question: Question, chosen: dict[str, Any], now: datetime) -> None:
    if chosen["id"] == "none":
        return
    unit = drawn.after.unit(chosen["unit"])
    province = drawn.after.province_of(unit.id, drawn.on).id
    others = tuple(number for number in chosen["all"] if number != chosen["decision"])
    own = unit.id if unit.id != province else None
    following.bequeath(row, drawn, [procedures.Bequest((chosen["decision"], *others), province, own)], now)


DECIDED = {
    Subject.DOSSIER: _decide_dossier,
    Subject.POSITION: _decide_position,
    Subject.TOKEN: _decide_token,
    Subject.DECISION: _decide_decision,
}


def tick(*, task_id: int, done: bool, now: datetime, by: identity.Scope) -> None:
    """A person says that a task is done, or that it isn't after all."""
    with transaction.atomic():
        task = Task.objects.select_for_update().filter(id=task_id).first()
        if task is None:
            raise NotFound("task-unknown", f"Không có việc số {task_id}.")
        row = Plan.objects.get(id=task.plan_id)
        _require(by, DECIDING, row)
        if (task.done_at is not None) == done:
            return
        task.done_at, task.done_by = (now, by.name) if done else (None, "")
        task.save(update_fields=["done_at", "done_by"])
        note(row, "plan.task-done" if done else "plan.task-reopened", now, by.name, {"line": task.line})


# --- undo ---------------------------------------------------------------------------------------------------------


def undo(*, name: str, now: datetime, by: identity.Scope = identity.SYSTEM) -> Progress:
    """Begin to take the plan back; `carry_on` goes on with it. Conflict("undo-blocked") lists what stands on it."""
    with transaction.atomic():
        row = locked(name)
        _require(by, LEADING, row)
        if row.state == PlanState.UNDOING:
            return queries.progress(name)
        obstacles = queries.obstacles(name, now=now)
        if obstacles:
            raise _blocked(row, obstacles)
        row.state = PlanState.UNDOING
        row.save(update_fields=["state"])
        note(row, "plan.undoing", now, by.name, {"round": row.round})
    return queries.progress(name)


def _blocked(row: Plan, obstacles: Sequence[Obstacle]) -> Conflict:
    return Conflict(
        "undo-blocked",
        f"Không hoàn tác được kế hoạch {row.name}: {'; '.join(o.words for o in obstacles)}.",
        mend="Lập một kế hoạch mới để sửa.",
        obstacles=[asdict(obstacle) for obstacle in obstacles],
    )


# --- what they share ----------------------------------------------------------------------------------------------


def _require(by: identity.Scope, roles: frozenset[identity.Role], row: Plan) -> None:
    """NotAllowed unless the caller has one of the roles in the committee of a province that the plan concerns."""
    if by.roles.isdisjoint(roles):
        raise NotAllowed(
            "role-missing",
            "Việc này do lãnh đạo Ủy ban nhân dân cấp tỉnh thực hiện.",
            mend="Chọn vị trí lãnh đạo, hoặc nhờ người giữ vị trí đó.",
        )
    if by.agencies is not None and by.agencies.isdisjoint(drawn_of(row).committees):
        raise NotAllowed(
            "agency-not-entitled",
            "Việc này do Ủy ban nhân dân của tỉnh, thành phố được sắp xếp thực hiện.",
        )


def _signed(row: Plan) -> int:
    return Approval.objects.filter(plan=row, digest=row.digest, round=row.round).count()


def _refuse_past(row: Plan, drawn: Drawn) -> None:
    if drawn.past:
        raise Conflict(
            "plan-there-already",
            f"Danh mục đang có hiệu lực đã có thay đổi của ngày {drawn.on:%d/%m/%Y} hoặc sau đó.",
            mend="Kế hoạch này chỉ còn diễn tập được (motcua reorganise rehearse).",
        )

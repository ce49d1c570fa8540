"""Questions about plans: which there are, how far they are, what waits for a person, what stands against undoing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Count, Q

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.kernel.errors import NotFound
from motcua.reorganisation import drawing, keeping
from motcua.reorganisation.models import Approval, HandOver, Passed, Plan, Question, Task
from motcua.reorganisation.rules.states import SIGNATURES, PlanState, Stage, Subject
from motcua.slips import api as slips
from motcua.units import api as units

PLANS = UUID("6d8b5b0e-3d0e-5a43-9d57-706c616e7321")  # the space of their subjects in the journal
HEAVY = ("text", "change", "rehearsal")  # columns of a plan that few questions need
SHOWN = 20
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, in which position, when."""

    official: int
    name: str
    title: str
    agency: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as it stands. `signatures` are those that hold for the present text."""

    name: str
    title: str
    digest: str
    state: PlanState
    on: date
    effective_at: datetime
    undo_until: datetime
    registered_at: datetime
    scheduled_at: datetime | None
    published_at: datetime | None
    finished_at: datetime | None
    rehearsed_at: datetime | None
    rehearsal_asked_at: datetime | None
    rehearsal_failed: str
    generation_before: int | None
    generation_after: int | None
    signatures: tuple[Signature, ...]
    needed: int = SIGNATURES


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan with the text that is signed."""

    row: PlanRow
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a plan is: dossiers passed on of those that had to be, what else changed hands, what waits."""

    name: str
    state: PlanState
    stage: Stage
    words: str
    done: int
    total: int
    passed: Mapping[str, int]  # positions, tokens, decisions
    waiting: Mapping[str, int]  # what a person has to decide, by subject
    scheduled_for: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of those that a person may choose."""

    id: str
    words: str
    unit: int | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """Something that no rule decides. `area` is the old unit that it is about, `agency` the office where it lies."""

    id: int
    plan: str
    subject: Subject
    key: str
    area: int | None
    agency: int | None
    reason: str
    candidates: tuple[Candidate, ...]
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str
    choice: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """Something that people must do."""

    id: int
    plan: str
    line: int
    kind: str
    words: str
    source: str
    due_on: date | None
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands on a plan and can't be taken back: how many, and the first of them."""

    kind: str
    words: str
    count: int
    examples: tuple[str, ...] = ()


def plans() -> tuple[PlanRow, ...]:
    """All plans, the newest first. They are public acts: whoever is signed in may see them."""
    rows = list(Plan.objects.defer(*HEAVY).order_by("-on", "name"))
    return tuple(_row(row, signed) for row, signed in zip(rows, _signatures(rows), strict=True))


def plan(name: str) -> PlanText:
    """One plan with its text."""
    row = Plan.objects.filter(name=name).first()
    if row is None:
        raise unknown(name)
    return PlanText(_row(row, _signatures([row])[0]), row.text)


def _signatures(rows: Sequence[Plan]) -> list[tuple[Signature, ...]]:
    found: dict[int, list[Signature]] = {row.pk: [] for row in rows}
    current = {row.pk: (row.digest, _signed_in(row)) for row in rows}
    for a in Approval.objects.filter(plan__in=found).order_by("at", "id"):
        if (a.digest, a.round) == current[a.plan_id]:
            found[a.plan_id].append(Signature(a.official, a.name, a.title, a.agency, a.at))
    return [tuple(found[row.pk]) for row in rows]


def _signed_in(row: Plan) -> int:
    """The round whose signatures hold: of a plan in force that which it was applied in."""
    in_force = row.state in (PlanState.APPLYING, PlanState.APPLIED, PlanState.UNDOING)
    return row.round - 1 if in_force else row.round


def _row(row: Plan, signatures: tuple[Signature, ...]) -> PlanRow:
    return PlanRow(
        row.name,
        row.title,
        row.digest,
        PlanState(row.state),
        row.on,
        row.effective_at,
        row.undo_until,
        row.registered_at,
        row.scheduled_at,
        row.published_at,
        row.finished_at,
        row.rehearsed_at,
        row.rehearsal_asked_at,
        row.rehearsal_failed,
        row.generation_before,
        row.generation_after,
        signatures,
    )


WORDS = {
    PlanState.REGISTERED: "chờ phê duyệt",
    PlanState.APPROVED: "đã phê duyệt",
    PlanState.APPLYING: "đang chuyển giao",
    PlanState.APPLIED: "đã áp dụng",
    PlanState.UNDOING: "đang hoàn tác",
    PlanState.UNDONE: "đã hoàn tác",
}


UNDER_WAY = frozenset({PlanState.APPLYING, PlanState.UNDOING})


def asked_about() -> int:
    """About how many dossiers a person is asked."""
    return Question.objects.filter(subject=Subject.DOSSIER, decided_at=None).count()


def progress(name: str) -> Progress:
    """How far a plan is."""
    row = Plan.objects.defer(*HEAVY).filter(name=name).first()
    if row is None:
        raise unknown(name)
    passed = {str(subject): 0 for subject in Subject if subject != Subject.DOSSIER}
    waiting = {str(subject): 0 for subject in Subject}
    done = 0
    if row.published_at is not None:
        done = HandOver.objects.filter(plan=row).count()
        counted = Count("id")
        passed |= Passed.objects.filter(plan=row).values_list("subject").annotate(counted)
        waiting |= Question.objects.filter(plan=row, decided_at=None).values_list("subject").annotate(counted)
    return Progress(
        name=row.name,
        state=PlanState(row.state),
        stage=Stage(row.stage),
        words=WORDS[PlanState(row.state)],
        done=done,
        total=row.total,
        passed=passed,
        waiting=waiting,
        scheduled_for=row.effective_at if row.scheduled_at and row.state == PlanState.APPROVED else None,
    )


def queue(
    *,
    scope: identity.Scope,
    name: str = "",
    subject: Subject | None = None,
    decided: bool = False,
    after: int = 0,
    limit: int = 50,
) -> tuple[tuple[QuestionRow, ...], int]:
    """What waits for a decision in the caller's provinces (or was `decided`), oldest first; and how many in all."""
    found = Question.objects.filter(decided_at__isnull=not decided)
    if scope.agencies is not None:
        found = found.filter(committee__in=scope.agencies)
    if name:
        found = found.filter(plan__name=name)
    if subject is not None:
        found = found.filter(subject=subject)
    rows = found.filter(id__gt=after).select_related("plan").order_by("id")[:limit]
    return tuple(map(_question, rows)), found.count()


def question(number: int, *, scope: identity.Scope) -> QuestionRow:
    """One of them; NotFound unless the caller's province decides it."""
    row = Question.objects.select_related("plan").filter(id=number).first()
    if row is None or not scope.reaches(row.committee):
        raise NotFound("question-unknown", f"Không có việc số {number} chờ ông/bà quyết định.")
    return _question(row)


def addresses_of(numbers: Collection[int], *, scope: identity.Scope) -> Mapping[int, str]:
    """The applicants' addresses of many at once, by number; those that the caller decides, in two statements."""
    found = Question.objects.filter(id__in=numbers).values_list("id", "dossier", "committee")
    about = {number: dossier for number, dossier, committee in found if dossier and scope.reaches(committee)}
    known = dossiers.addresses(list(about.values())) if about else {}
    return {number: known.get(dossier, "") for number, dossier in about.items()}


def _question(row: Question) -> QuestionRow:
    return QuestionRow(
        row.pk,
        row.plan.name,
        Subject(row.subject),
        row.key,
        row.area,
        row.agency,
        row.reason,
        tuple(Candidate(c["id"], c["words"], c["unit"]) for c in row.candidates),
        row.opened_at,
        row.decided_at,
        row.decided_by,
        row.choice,
    )


def tasks(name: str) -> tuple[TaskRow, ...]:
    """What people must do besides, in the order of the plan; from when it is published."""
    found = Task.objects.filter(plan__name=name).order_by("line")
    return tuple(TaskRow(t.pk, name, t.line, t.kind, t.words, t.source, t.due_on, t.done_at, t.done_by) for t in found)


def handed_over(name: str) -> tuple[tuple[int, int, int], ...]:
    """How many dossiers went from which office to which: (holder before, holder after, count)."""
    found = (
        HandOver.objects.filter(plan__name=name)
        .values_list("holder_before", "holder_after")
        .annotate(count=Count("dossier"))
        .order_by("holder_before", "holder_after")
    )
    return tuple(found)


def rehearsal(name: str) -> dict[str, Any] | None:
    """The last rehearsal of the present text, as `rehearse --json` prints it; None before the first."""
    row = Plan.objects.filter(name=name).only("rehearsal").first()
    if row is None:
        raise unknown(name)
    return row.rehearsal


# --- undo ---------------------------------------------------------------------------------------------------------


def obstacles(name: str, *, now: datetime) -> tuple[Obstacle, ...]:
    """Everything that stands against taking a plan back."""
    row = Plan.objects.filter(name=name).first()
    if row is None:
        raise unknown(name)
    if row.state not in (PlanState.APPLYING, PlanState.APPLIED) or row.change is None or row.published_at is None:
        return (Obstacle("state", f"kế hoạch {WORDS[PlanState(row.state)]}, không có gì để hoàn tác", 1),)
    found: list[Obstacle] = []
    if now > row.undo_until:
        found.append(Obstacle("late", f"đã quá hạn hoàn tác {day_of(row.undo_until):%d/%m/%Y}", 1))
    later = Plan.objects.filter(
        Q(published_at__gt=row.published_at) | Q(published_at=row.published_at, id__gt=row.pk),
        state__in=[PlanState.APPLYING, PlanState.APPLIED, PlanState.UNDOING],
    ).values_list("name", flat=True)
    found += _found("later-plan", "kế hoạch áp dụng sau đó", list(later))
    change = keeping.from_bytes(bytes(row.change))
    new = [agency[0] for agency in change.agencies]
    codes = [code for scheme, code, *rest in change.identifiers if scheme == units.Scheme.ORG and rest[3]]
    # Earlier units may have borne the same code: only what was given out since the plan counts.
    numbered = dossiers.numbered_since(codes, max(day_of(row.published_at), change.on))
    found += _found("numbers", "cơ quan mới đã cấp mã hồ sơ", sorted(numbered), sum(numbered.values()))
    directory = drawing.draw_known(row.digest, lambda: row.text).after
    given = slips.numbers_given(new)
    found += _found(
        "slips", "cơ quan mới đã cấp số phiếu", [directory.agency(a).name for a in given], sum(given.values())
    )
    mine = set(Passed.objects.filter(plan=row, subject=Subject.POSITION).values_list("after__position", flat=True))
    others = [h for h in identity.serving(new, change.on) if h.id not in mine]
    found += _found("positions", "vị trí mới được giao tại cơ quan mới", [str(h.id) for h in others])
    worked: list[str] = []
    known: set[UUID] = set()
    moved = HandOver.objects.filter(plan=row).order_by("dossier").values_list("dossier", "n")
    part: dict[UUID, int] = {}
    for dossier, n in moved.iterator(CHUNK):
        part[dossier] = n
        known.add(dossier)
        if len(part) == CHUNK:
            worked += dossiers.worked_on_since(part)
            part = {}
    if part:
        worked += dossiers.worked_on_since(part)
    found += _found("steps", "hồ sơ đã được nơi kế thừa xử lý tiếp", worked)
    filed = [number for number in dossiers.find_open(new) if number not in known]
    found += _found("dossiers", "hồ sơ khác đang ở cơ quan mới", sorted(dossiers.codes_of(filed).values()))
    return tuple(found)


def _found(kind: str, words: str, examples: Sequence[str], count: int | None = None) -> list[Obstacle]:
    number = len(examples) if count is None else count
    return [Obstacle(kind, f"{number} {words}", number, tuple(examples[:SHOWN]))] if number else []


def subject(name: str) -> UUID:
    """Under which subject the journal tells of a plan."""
    return uuid5(PLANS, name)


def unknown(name: str) -> NotFound:
    """There is no such plan."""
    return NotFound(
        "plan-unknown",
        f"Không có kế hoạch {name}.",
        mend="Xem: motcua reorganise status; ghi kế hoạch: motcua reorganise register.",
    )

"""What another node said last of a dossier, and whether it can still be heard."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db.models import Case, Max, Q, When

from motcua.dossiers import api as dossiers
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel.calendar import national
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Failure
from motcua.transfers import models
from motcua.transfers.rules import silence_on, silent
from motcua.units import api as units


class Elsewhere(msgspec.Struct, frozen=True):
    """Lời gần nhất của nút kia: what the other node signed last about a dossier that both hold, and how fresh that is.

    `resolves`: the other node resolves it; else it took it in. Before it has said anything `state` is "". `heard_at` is
    its last sign of life of any kind; `silent` when that is older than `silent_hours` working hours, so that what
    stands here may be out of date. `problem` says why it could not be told of what we did.
    """

    node: str
    resolves: bool
    state: str
    state_name: str
    step: str
    step_name: str
    holder: str
    at: datetime | None
    due_at: datetime | None
    signed_by: str
    received_at: datetime | None
    heard_at: datetime | None
    silent: bool
    silent_hours: float
    counted: bool
    on_its_way: bool
    problem: str


class Consulted(msgspec.Struct, frozen=True):
    """Đang lấy ý kiến ở nút khác: who was asked last at another node about a dossier, and whether the answer came.

    `ended`: "answered", "over" (no answer is needed any more), or "" while it is waited for.
    """

    node: str
    agency: str
    asked_at: datetime
    answer_by: datetime | None
    ended: str
    ended_at: datetime | None


class Across(msgspec.Struct, frozen=True):
    """Hồ sơ đang ở đâu, across nodes: our own answer, the other node's last signed word (None if none shares it), and
    whose opinion was asked last at another node (None if nobody's)."""

    here: dossiers.Where
    elsewhere: Elsewhere | None
    consulted: Consulted | None = None


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A dossier that we share with another node."""

    code: str
    out: bool
    node: str
    is_open: bool
    at: datetime
    problem: str


def here() -> str:
    """The name of this node; "" where this installation is none."""
    return exchange.here()


def is_open(state: dossiers.State) -> bool:
    """Whether a dossier in this state still lives."""
    return dossiers.STATE[state].holder.value != "nobody"


def line_to(node: str, map_: exchange.Map) -> str:
    """The partner under whose name what goes to a node is delivered."""
    known = map_.nodes.get(node)
    return exchange.NODE + (map_.way_to(known).name if known else node)


def heard(nodes: Collection[str], map_: exchange.Map) -> dict[str, datetime]:
    """When each node last gave a sign of life: took something of ours, or told us something."""
    rows = models.Word.objects.filter(node__in=list(nodes)).values("node").annotate(last=Max("received_at"))
    found = {row["node"]: row["last"] for row in rows}
    for node in nodes:
        sign = exchange.line_sign(line_to(node, map_))
        if sign and sign.ok_at and (node not in found or sign.ok_at > found[node]):
            found[node] = sign.ok_at
    return found


def across(questions: Sequence[dossiers.WhereQuestion]) -> list[Across | Failure]:
    """Where dossiers are, across nodes. Who may not know of one here, hears nothing of it from elsewhere."""
    answers = dossiers.where(questions)
    known = [answer.code for answer in answers if isinstance(answer, dossiers.Where)]
    said = last_words(known, now=questions[0].now) if known else {}
    asked = _asked(known, day_of(questions[0].now)) if known else {}
    return [
        answer if isinstance(answer, Failure) else Across(answer, said.get(answer.code), asked.get(answer.code))
        for answer in answers
    ]


def _asked(codes: Collection[str], on: date) -> dict[str, Consulted]:
    """The last question that went to another node about each of these dossiers."""
    rows = models.Consultation.objects.filter(code__in=list(codes), out=True).order_by("asked_at")
    name = units.directory().agency
    return {
        row.code: Consulted(
            row.node, name(row.consulted).name_at(on), row.asked_at, row.answer_by, row.ended, row.ended_at
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class ConsultationRow:
    """A question between two nodes about a dossier: `out` asked from here, else asked of an agency of ours."""

    id: UUID
    code: str
    out: bool
    node: str
    asking: str
    consulted: str
    procedure: str
    question: str
    papers: tuple[tuple[str, tuple[str, ...]], ...]
    asked_at: datetime
    answer_by: datetime | None
    ended: str
    ended_at: datetime | None
    opinion: str


def consultations(*, scope: identity.Scope, on: date, limit: int = 200) -> tuple[ConsultationRow, ...]:
    """The questions that concern the caller's agencies: open ones first, then the youngest."""
    rows = models.Consultation.objects.order_by(Case(When(ended="", then=0), default=1), "-asked_at")
    if scope.agencies is not None:
        own = list(scope.agencies)
        rows = rows.filter(Q(out=True, asking__in=own) | Q(out=False, consulted__in=own))
    agency = units.directory().agency
    return tuple(
        ConsultationRow(
            id=row.id,
            code=row.code,
            out=row.out,
            node=row.node,
            asking=agency(row.asking).name_at(on),
            consulted=agency(row.consulted).name_at(on),
            procedure=row.procedure,
            question=row.question,
            papers=tuple((one["name"], tuple(one["files"])) for one in row.files),
            asked_at=row.asked_at,
            answer_by=row.answer_by,
            ended=row.ended,
            ended_at=row.ended_at,
            opinion=row.opinion,
        )
        for row in rows[:limit]
    )


def last_words(codes: Collection[str], *, now: datetime) -> dict[str, Elsewhere]:
    """The other node's last signed word about each dossier that is shared. Ask only for what the reader may know of."""
    shared = list(models.Transfer.objects.filter(code__in=list(codes)))
    if not shared:
        return {}
    map_ = exchange.read_map()
    nodes = {row.node for row in shared}
    heard_at = heard(nodes, map_)
    words = {
        (word.code, word.node): word
        for word in models.Word.objects.filter(code__in=[row.code for row in shared]).order_by("code", "n")
    }
    waiting = {node: exchange.open_subjects(line_to(node, map_), [r.code for r in shared]) for node in nodes}
    return {
        row.code: _elsewhere(
            row, words.get((row.code, row.node)), heard_at.get(row.node), row.code in waiting[row.node], now=now
        )
        for row in shared
    }  # fmt: skip


def _elsewhere(
    row: models.Transfer, word: models.Word | None, heard_at: datetime | None, waits: bool, *, now: datetime
) -> Elsewhere:  # fmt: skip
    on = day_of(now)
    state = dossiers.STATE[dossiers.State(word.state)] if word else None
    step = next((s for s in STEPS if word and s.name == word.step), None)
    return Elsewhere(
        node=row.node,
        resolves=row.out,
        state=word.state if word else "",
        state_name=state.vi if state else "",
        step=word.step if word else "",
        step_name=step.vi if step else "",
        holder=word.holder if word else "",
        at=word.at if word else None,
        due_at=word.due_at if word else None,
        signed_by=units.directory().agency(word.signed_by).name_at(on) if word else "",
        received_at=word.received_at if word else None,
        heard_at=heard_at,
        silent=row.is_open and silent(heard_at, on=on, now=now, calendar=national()),
        silent_hours=silence_on(on).hours,
        counted=word.counted if word else True,
        on_its_way=waits,
        problem=row.problem,
    )


STEPS = (*dossiers.FILINGS, *dossiers.STEPS)


def transfers(*, scope: identity.Scope, limit: int = 200) -> tuple[TransferRow, ...]:
    """The dossiers that we share with other nodes, newest first; those that concern the caller."""
    rows = list(models.Transfer.objects.order_by("-at")[:limit])
    mine = dossiers.copies([row.code for row in rows], scope=scope)
    return tuple(
        TransferRow(row.code, row.out, row.node, row.is_open, row.at, row.problem) for row in rows if row.code in mine
    )

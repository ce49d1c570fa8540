"""An opinion asked of an agency at a third node: the question goes, the answer comes, the dossier stays where it is.

Whoever holds the dossier asks with the ordinary step `consult`, and the answer becomes the ordinary step `answer` of
the agency that was asked. A late answer is kept and changes nothing.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from motcua.dossiers import api as dossiers
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, Failure, NotFound, Permanent
from motcua.kernel.ids import uuid7
from motcua.kernel.journal import api as journal
from motcua.transfers import models, queries
from motcua.transfers.reading import agency_named, read, require_office, signer_for
from motcua.transfers.rules import CONSULTED, OPINION, OVER, Asked, Enclosed, Opinion, Over
from motcua.units import api as units

log = logging.getLogger(__name__)
ANSWERED, ENDED = "answered", "over"


# --- where the dossier is -----------------------------------------------------------------------------------------


def ask(codes: Collection[str], *, after: Collection[str] = (), now: datetime) -> int:
    """Send the questions that these dossiers wait with; how many envelopes were written.

    `after`: dossiers that something happened to. What was asked about them and needs no answer any more is taken back.
    """
    open_ = {
        row.code: row
        for row in models.Consultation.objects.select_for_update().filter(code__in={*codes, *after}, out=True, ended="")
    }
    wanted = {*codes, *open_}
    copies = dossiers.copies(wanted, scope=identity.SYSTEM) if wanted else {}
    sharers = set(models.Transfer.objects.filter(code__in=list(copies)).values_list("code", "node"))
    map_, here, on = exchange.read_map(), queries.here(), day_of(now)
    fresh, over = [], []
    for code, copy in sorted(copies.items()):
        row, consulted = open_.get(code), copy.life.consulted
        step = next((one for one in reversed(copy.steps) if one.name == "consult"), None)
        waits = copy.life.state is dossiers.State.CONSULTING and step is not None and not step.foreign
        if row is not None and not (waits and step is not None and step.n == row.step):
            over.append(row)
            row = None
        if not waits or step is None or consulted is None or row is not None:
            continue
        node = map_.seat(consulted, on)
        if node is None or node.name == here or (code, node.name) in sharers:  # asked here, or with the dossier
            continue
        papers = [one.paper for one in copy.papers if one.kind == "paper" and one.paper.files]
        fresh.append(
            models.Consultation(
                id=uuid7(), code=code, step=step.n, out=True, node=node.name, asking=copy.resolving,
                consulted=consulted, procedure=copy.procedure, question=step.reason,
                files=[{"name": paper.name or paper.component, "files": list(paper.files)} for paper in papers],
                asked_at=step.at, answer_by=step.act_by, ended="", opinion="",
            )
        )  # fmt: skip
    models.Consultation.objects.bulk_create(fresh)
    for row in over:
        row.ended, row.ended_at = ENDED, now
    models.Consultation.objects.bulk_update(over, ["ended", "ended_at"])
    return _send(fresh, now) + sum(_post(row, OVER, Over(row.code, row.id), now) for row in over if _went(row))


def ask_again(*, now: datetime, limit: int = 100) -> int:
    """Send the questions that could not be sent, for want of a key or a seat; how many went now."""
    rows = list(models.Consultation.objects.filter(out=True, ended="").order_by("asked_at")[:limit])
    return _send([row for row in rows if not _went(row)], now)


def _went(row: models.Consultation) -> bool:
    return bool(exchange.parcels([row.id]))


def _send(rows: Sequence[models.Consultation], now: datetime) -> int:
    asked = day_of(now)
    count = 0
    for row in rows:
        body = Asked(
            code=row.code,
            step=row.step,
            asking=units.directory().agency(row.asking).org(asked),
            procedure=row.procedure,
            question=row.question,
            asked_at=row.asked_at,
            answer_by=row.answer_by,
            papers=[msgspec.convert(one, Enclosed) for one in row.files],
        )
        count += _post(row, CONSULTED, body, now, id=row.id)
    return count


def _post(
    row: models.Consultation, kind: str, body: Asked | Opinion | Over, now: datetime, id: UUID | None = None
) -> int:
    """Write one envelope from our office to the other one; 0, and a line in the log, where that can't be done yet."""
    mine, other = (row.asking, row.consulted) if row.out else (row.consulted, row.asking)
    operator = exchange.read_map().nodes[queries.here()].agency
    files = storage.files()
    named = dict.fromkeys(f for one in row.files for f in one["files"]) if kind == CONSULTED else {}
    message = exchange.Message(
        signer_for(mine, operator, now), other, row.code, kind, msgspec.json.encode(body),
        tuple((sha256, files.size(sha256)) for sha256 in named), id or uuid7(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            exchange.post([message], now=now)
    except Failure as failure:
        log.warning("transfers: a consultation about %s can't be sent yet: %s", row.code, failure.problem)
        return 0
    return 1


def take_opinion(arrived: Sequence[exchange.Arrived]) -> None:
    """Write the opinion into the dossier's log as the answer of the agency that was asked; a late one is only kept."""
    map_ = exchange.read_map()
    for one in arrived:
        body = read(one, Opinion)
        row = models.Consultation.objects.select_for_update().filter(id=body.asked, out=True, code=body.code).first()
        if row is None:
            raise Permanent("not-asked", f"Không có câu hỏi nào như vậy về hồ sơ {body.code}.")
        require_office(one, row.consulted, map_)
        late = row.ended == ENDED
        row.opinion, row.ended, row.ended_at = body.opinion, row.ended or ANSWERED, row.ended_at or one.at
        row.save(update_fields=["opinion", "ended", "ended_at"])
        if late:
            continue
        scope = identity.Scope(
            agencies=frozenset({row.consulted}), roles=frozenset({identity.Role.HANDLER}), name=f"node:{one.node}"
        )
        [answer] = dossiers.take_steps(
            [
                dossiers.StepRequest(
                    row.code, "answer", f"envelope:{one.id}", dossiers.digest_of(one.content), scope,
                    dossiers.Given(one.at, reason=body.opinion),
                )
            ]
        )  # fmt: skip
        if isinstance(answer, Failure):
            raise answer


# --- where the opinion is given -----------------------------------------------------------------------------------


def take_question(arrived: Sequence[exchange.Arrived]) -> None:
    """Lay the questions before the agencies of ours that are asked."""
    map_, rows = exchange.read_map(), []
    for one in arrived:
        body = read(one, Asked)
        asking = agency_named(body.asking, day_of(one.written_at))
        require_office(one, asking, map_)
        came = {sha256 for sha256, _ in one.files}
        if any(set(paper.files) - came for paper in body.papers):
            raise Permanent("attachments-unnamed", "Phong bì không nêu đủ tệp của giấy tờ.", mend="Gửi lại đủ tệp.")
        rows.append(
            models.Consultation(
                id=one.id, code=body.code, step=body.step, out=False, node=one.node, asking=asking,
                consulted=one.recipient, procedure=body.procedure, question=body.question,
                files=msgspec.to_builtins(body.papers), asked_at=body.asked_at, answer_by=body.answer_by, ended="",
                opinion="",
            )
        )  # fmt: skip
    models.Consultation.objects.bulk_create(rows)


def take_over(arrived: Sequence[exchange.Arrived]) -> None:
    """Take questions off the desk that need no answer any more."""
    map_ = exchange.read_map()
    for one in arrived:
        body = read(one, Over)
        row = models.Consultation.objects.select_for_update().filter(id=body.asked, out=False).first()
        if row is None:
            raise Permanent("not-asked", f"Không có câu hỏi nào như vậy về hồ sơ {body.code}.")
        require_office(one, row.asking, map_)
        if not row.ended:
            row.ended, row.ended_at = ENDED, one.at
            row.save(update_fields=["ended", "ended_at"])


def give_opinion(consultations: Sequence[UUID], *, opinion: str, by: identity.Scope, now: datetime) -> None:
    """Trả lời ý kiến: send an opinion to who asked. NotFound where it isn't asked of an agency of the caller's."""
    if not opinion.strip():
        raise Permanent("opinion-missing", "Chưa ghi ý kiến.", mend="Ghi ý kiến của cơ quan.")
    with transaction.atomic():
        rows = {row.id: row for row in models.Consultation.objects.select_for_update().filter(id__in=consultations)}
        for one in consultations:
            row = rows.get(one)
            if row is None or row.out or not by.reaches(row.consulted):
                raise NotFound("consultation-unknown", "Không có câu hỏi nào như vậy.", mend="Tải lại trang.")
            identity.require(by, row.consulted, identity.Role.HANDLER, identity.Role.LEADER)
            if row.ended:
                raise Conflict("consultation-over", "Câu hỏi này đã được trả lời hoặc không cần trả lời nữa.")
            row.ended, row.ended_at, row.opinion = ANSWERED, now, opinion.strip()
            row.save(update_fields=["ended", "ended_at", "opinion"])
            if not _post(row, OPINION, Opinion(row.code, row.id, row.opinion), now):
                raise Permanent(
                    "opinion-unsent", "Chưa gửi được ý kiến.", mend="Xem: motcua signing list, exchange nodes."
                )
            said = {"code": row.code, "node": row.node, "opinion": dossiers.digest_of(row.opinion.encode()).hex()}
            journal.record([journal.Entry(row.id, "consultation.answered", now, by.name, said)])

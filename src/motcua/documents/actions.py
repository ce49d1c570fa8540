"""The verbs of the registers: draft, take the steps of the table, link to a dossier, settle a problem."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from uuid import UUID

from django.db import transaction

from motcua.documents import archives, envelope, post, rows
from motcua.documents.archives import Unpacked
from motcua.documents.models import Delivery, Document, File, Organisation, Packet, Said
from motcua.documents.post import Kept, Word
from motcua.documents.rules import fields
from motcua.documents.rules.faults import Unreadable
from motcua.documents.rules.statuses import PRIORITIES, Kind
from motcua.documents.rules.steps import STEP, Direction, State, Step, allowed
from motcua.documents.rules.types import TYPE, notation, shown_number
from motcua.documents.rules.values import Message, Organ, Reference, Replacement
from motcua.dossiers import api as dossiers
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel import clock, storage, terms
from motcua.kernel.calendar import national
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.kernel.ids import uuid7
from motcua.kernel.text import fold
from motcua.units import api as units

LETTERS = {
    units.AgencyKind.PEOPLES_COMMITTEE: "UBND",
    units.AgencyKind.PEOPLES_COUNCIL: "HĐND",
    units.AgencyKind.SERVICE_CENTRE: "TTPVHCC",
}

CHANGING = (
    "state", "year", "number", "code", "reference", "promulgated_on", "subject", "content", "signer",
    "signer_position", "priority", "position", "due_at", "words", "request",
)  # fmt: skip
"""What a step may change of a document, besides its log."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Somebody drafts a document of an agency. Files are named and kept already (`kernel.storage`)."""

    agency: int
    type: str
    subject: str
    to: tuple[str, ...]
    content: str = ""
    signer: str = ""
    signer_position: str = ""
    priority: int = 0
    due_on: date | None = None
    dossier: str = ""
    answers: str = ""
    replaces: UUID | None = None
    unit: str = ""  # letters of the drafting unit, in the notation of a công văn
    files: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRequest:
    """Somebody takes a step of the table with a document."""

    document: UUID
    step: str
    words: str = ""
    to_position: int | None = None
    working_days: int | None = None  # until when whoever is assigned has time
    subject: str = ""  # of an update: the new one
    files: tuple[Kept, ...] = ()  # of an update: the new ones


def keep(files: Sequence[tuple[str, bytes]]) -> tuple[Kept, ...]:
    """Keep files that are to be sent, under names that every office takes. Permanent where one would be refused."""
    kept = []
    for name, content in files:
        plain = fields.plain_name(name)
        with NamedTemporaryFile() as source:
            source.write(content)
            source.flush()
            try:
                archives.check_file(plain, Path(source.name))
            except Unreadable as error:
                raise Permanent(error.faults[0].name, error.faults[0].sentence, mend="Chọn tệp khác.") from error
        stored = storage.files().put([content], archives.LIMIT)
        kept.append(Kept(plain, stored.sha256, stored.size))
    return tuple(kept)


def draft(drafts: Sequence[Draft], *, scope: identity.Scope, now: datetime) -> tuple[UUID, ...]:
    """Begin documents; gives their numbers. Receivers must be known on the day; nothing is sent yet."""
    on = clock.day_of(now)
    receivers = _receivers([code for one in drafts for code in one.to], on)
    made: list[Document] = []
    for one in drafts:
        identity.require(scope, one.agency)
        _check(one, scope)
        agency = units.directory().agency(one.agency)
        letters = LETTERS.get(agency.kind) or "".join(word[0] for word in agency.name_at(on).split()[:3]).upper()
        made.append(
            Document(
                uid=uuid7(), agency=one.agency, direction=Direction.OUT, state=State.DRAFT, steps=0, series=one.type,
                type=TYPE[one.type].vi, code="", notation=notation(one.type, letters, unit=one.unit.strip()),
                reference="", organ=agency.org(on), organ_name=agency.name_at(on), subject=one.subject.strip(),
                content=one.content.strip(), signer=one.signer.strip(), signer_position=one.signer_position.strip(),
                priority=one.priority, dossier=one.dossier, answers=one.answers.strip(), replaces=one.replaces,
                position=scope.position, due_at=rows.end_of(one.due_on), signature="", created_at=now,
                words=fold(f"{one.subject} {TYPE[one.type].vi} {one.dossier}"),
            )
        )  # fmt: skip
    with transaction.atomic():
        Document.objects.bulk_create(made)
        Delivery.objects.bulk_create(
            Delivery(document=document, organ=code, name=receivers[code])
            for document, one in zip(made, drafts, strict=True)
            for code in dict.fromkeys(fields.read_organ(code) or code for code in one.to)
        )
        _keep_files([(document, 1, one.files) for document, one in zip(made, drafts, strict=True)])
        log = [rows.Row(document, "draft", caller=scope.caller, position=scope.position) for document in made]
        rows.write_log(log, actor=scope.name, now=now)
    return tuple(document.uid for document in made)


def _check(one: Draft, scope: identity.Scope) -> None:
    if one.type not in TYPE:
        raise Permanent("type-unknown", "Không có loại văn bản này.", mend="Chọn trong danh sách.")
    if not one.subject.strip() or len(one.subject) > 500:
        raise Permanent("subject-missing", "Trích yếu cần từ 1 đến 500 ký tự.", mend="Ghi trích yếu.")
    if any(ord(c) < 32 and c not in "\t\n\r" for c in f"{one.subject}{one.content}{one.signer}{one.signer_position}"):
        raise Permanent("document-characters", "Văn bản có ký tự không gửi được.", mend="Gõ lại.")
    if not one.to:
        raise Permanent("receiver-missing", "Chưa có nơi nhận.", mend="Ghi ít nhất một mã định danh nơi nhận.")
    if one.priority not in PRIORITIES:
        raise Permanent("priority-unknown", "Độ khẩn không có trong danh sách.", mend="Chọn trong danh sách.")
    if one.answers and fields.read_reference(one.answers) is None:
        raise Permanent(
            "answers-malformed",
            "Mã định danh văn bản được trả lời sai dạng.",
            mend="Viết như 000.00.00.G22,2026/10/30,7816/VPCP-TTĐT.",
        )
    if one.dossier:
        dossiers.records([one.dossier], scope=scope)
    if one.replaces is not None:
        old = Document.objects.filter(uid=one.replaces, agency=one.agency, state=State.SENT).exists()
        if not old:
            raise NotFound("document-unknown", "Không có văn bản đã gửi nào như vậy để thay thế.")


def _receivers(codes: Sequence[str], on: date) -> dict[str, str]:
    """The names of receivers by their identifiers; Permanent for one that nobody holds on that day."""
    wanted = {code: fields.read_organ(code) for code in codes}
    known = dict(
        pair
        for row in Organisation.objects.filter(valid_to=None).filter(code__in=[c for c in wanted.values() if c])
        for pair in ((row.code, row.name),)
    )
    known |= {
        row.code102: row.name
        for row in Organisation.objects.filter(valid_to=None, code102__in=[c for c in wanted.values() if c])
    }
    names: dict[str, str] = {}
    for typed, code in wanted.items():
        agency = units.directory().find_agency(code, on) if code else None
        name = agency.name_at(on) if agency else known.get(code or "")
        if code is None or name is None:
            raise Permanent(
                "receiver-unknown",
                f"Hôm nay không cơ quan nào mang mã định danh {typed[:60]}.",
                mend="Tra mã định danh của nơi nhận rồi ghi lại.",
            )
        names[code] = name
    return names


def take_steps(requests: Sequence[StepRequest], *, scope: identity.Scope, now: datetime) -> None:
    """Take steps, all of them or none: NotAllowed, Conflict or NotFound says which can't be taken and why."""
    if len({request.document for request in requests}) < len(requests):
        raise Permanent("document-twice", "Mỗi lần chỉ làm một bước với một văn bản.")
    letters: list[exchange.Letter] = []
    words: list[tuple[Document, str, str]] = []
    with transaction.atomic():
        held = rows.held([request.document for request in requests])
        log: list[rows.Row] = []
        taken: list[tuple[Document, StepRequest, Step]] = []
        for request in requests:
            document = held.get(request.document)
            if document is None or not scope.reaches(document.agency):
                raise unknown()
            taken.append((document, request, _decide(document, request, scope, now)))
        _number([(document, step) for document, _, step in taken if step.numbers], now)
        _keep_files([(d, _version(d) + 1, r.files) for d, r, _ in taken if r.files])
        for document, request, step in taken:
            if step.name in ("agree", "decline"):
                _answer_request(document, agreed=step.name == "agree", now=now)
            elif step.to is not None:
                document.state = step.to
            if request.to_position is not None:
                document.position = request.to_position
            elif step.to_drafter:
                document.position = rows.drafter(document)
            if request.working_days is not None:
                document.due_at = _due(document, request.working_days, now)
            if request.subject.strip():
                document.subject = request.subject.strip()
                document.words = fold(f"{document.subject} {document.code} {document.organ_name} {document.dossier}")
            if step.sends is not None:
                letters += _send(document, step, request, now)
            if step.says and document.direction == Direction.IN:
                words.append((document, step.says, request.words))
            log.append(
                rows.Row(
                    document, step.name, request.words.strip(), scope.caller, scope.position, request.to_position,
                    {"code": document.code} if step.numbers else None,
                )
            )  # fmt: skip
        Document.objects.bulk_update([document for document, _, _ in taken], CHANGING)
        letters += say(words, now=now)
        rows.write_log(log, actor=scope.name, now=now)
        exchange.send(letters, now=now)


def unknown() -> NotFound:
    return NotFound("document-unknown", "Không có văn bản này trong sổ của ông/bà.", mend="Xem lại danh sách.")


def _decide(document: Document, request: StepRequest, scope: identity.Scope, now: datetime) -> Step:
    step = STEP.get(request.step)
    if step is None or step.direction != document.direction:
        raise Permanent("step-unknown", "Không có bước này.", mend="Tải lại trang và chọn lại.")
    if scope.roles.isdisjoint(step.by):
        raise NotAllowed("role-missing", f"Bước “{step.vi}” không thuộc vai trò của ông/bà.")
    asked_back = document.request is not None
    if step not in allowed(document.direction, document.state, scope.roles, asked_back=asked_back):
        mend = "Trả lời yêu cầu của bên gửi trước." if asked_back else "Tải lại trang: có thể người khác đã làm."
        raise Conflict("step-not-now", f"Văn bản không ở trạng thái để làm bước “{step.vi}”.", mend=mend)
    if step.needs_reason and not request.words.strip():
        raise Permanent("reason-missing", "Bước này cần ghi lý do hoặc ý kiến.", mend="Ghi lý do.")
    if step.names_position:
        held = identity.position_of(request.to_position, clock.day_of(now)) if request.to_position else None
        if held is None or held.agency_id != document.agency:
            raise Permanent("position-missing", "Chưa chọn người nhận việc trong cơ quan.", mend="Chọn một người.")
    if request.working_days is not None and not 0 < request.working_days <= 365:
        raise Permanent("days-malformed", "Số ngày làm việc từ 1 đến 365.", mend="Ghi lại số ngày.")
    if step.name in ("recall", "update"):
        waits = Said.objects.filter(document=document, code="13").exists() and not _all_answered(document)
        if waits:
            raise Conflict("request-waits", "Còn yêu cầu trước đang chờ bên nhận trả lời.", mend="Chờ trả lời.")
    return step


def _number(numbered: Sequence[tuple[Document, Step]], now: datetime) -> None:
    on = clock.day_of(now)
    series = [(d.agency, d.direction, d.series, on.year) for d, _ in numbered]
    for (document, _), number in zip(numbered, rows.take_numbers(series), strict=True):
        document.year, document.number = on.year, number
        if document.direction == Direction.OUT:
            document.code = f"{shown_number(number)}/{document.notation}"
            document.promulgated_on = on
            document.reference = Reference(document.organ, on, document.code).text
            document.words = fold(f"{document.subject} {document.code} {document.type} {document.dossier}")


def _due(document: Document, days: int, now: datetime) -> datetime | None:
    agency = units.directory().agency(document.agency)
    calendar = national(agency.sessions_at(clock.day_of(now)))
    return terms.due(now, terms.Term(days, terms.TermUnit.WORKING_DAYS), calendar)


def _keep_files(files: Sequence[tuple[Document, int, Sequence[Kept]]]) -> None:
    File.objects.bulk_create(
        File(document=d, version=version, name=f.name, sha256=f.sha256, size=f.size, content_type="")
        for d, version, kept in files
        for f in kept
    )


def say(words: Sequence[tuple[Document, str, str]], *, now: datetime) -> list[exchange.Letter]:
    """Write down statuses of incoming documents, and the letters that tell their senders."""
    rows.insert(
        [
            Said(document=d, organ=units.directory().agency(d.agency).org(clock.day_of(now)), code=code, at=now,
                 words=text, in_order=True)
            for d, code, text in words
        ]
    )  # fmt: skip
    return post.told([Word(_our_code(d, now), d.organ, d.reference, code, text) for d, code, text in words], now=now)


def _our_code(document: Document, now: datetime) -> str:
    return units.directory().agency(document.agency).org(clock.day_of(now)) or "000"


# --- what goes out ------------------------------------------------------------------------------------------------


def _send(document: Document, step: Step, request: StepRequest, now: datetime) -> list[exchange.Letter]:
    """The letter with the document, or with what is asked about it."""
    assert step.sends is not None
    deliveries = list(Delivery.objects.filter(document=document).order_by("id"))
    reference = fields.read_reference(document.reference)
    assert reference is not None
    number, notation_ = fields.split_code(document.code)
    old = Document.objects.filter(uid=document.replaces).first() if document.replaces else None
    message = Message(
        kind=step.sends,
        sender=Organ(document.organ, document.organ_name),
        receivers=tuple(Organ(one.organ, one.name) for one in deliveries),
        reference=reference,
        number=number,
        notation=notation_,
        promulgated_on=document.promulgated_on,
        type_name=document.type,
        subject=document.subject,
        content=document.content,
        signer=document.signer,
        signer_position=document.signer_position,
        due_on=clock.day_of(document.due_at) if document.due_at else None,
        priority=document.priority,
        answers=post.reference_of(document.answers),
        traces=post.trace(document.organ, now),
        about=(reference,) if step.sends in (Kind.RECALL, Kind.UPDATE) else (),
        reason=request.words.strip(),
    )
    if step.sends is Kind.NEW and old is not None:
        replaced = post.reference_of(old.reference)
        message = replace(
            message,
            kind=Kind.REPLACE,
            about=replaced,
            replaces=tuple(Replacement(one, tuple(d.organ for d in deliveries)) for one in replaced),
        )
    letter = post.enclosed(message, () if step.sends is Kind.RECALL else rows.kept_files(document))
    Delivery.objects.filter(document=document).update(parcel=letter.id)
    if step.says:
        about = [document] * len(deliveries)
    elif old is not None:
        about, deliveries = [old] * len(deliveries), deliveries
    else:
        about = []
    Said.objects.bulk_create(
        Said(document=d, organ=one.organ, code="13", at=now, words=request.words.strip(), in_order=True)
        for d, one in zip(about, deliveries, strict=False)
    )
    return [letter]


def _all_answered(document: Document) -> bool:
    logs: dict[str, list[str]] = {}
    for said in Said.objects.filter(document=document).order_by("id"):
        logs.setdefault(said.organ, []).append(said.code)
    return all(log[-1] != "13" for log in logs.values())


# --- the answer to what the sender asked ---------------------------------------------------------------------------


def _answer_request(document: Document, *, agreed: bool, now: datetime) -> None:
    """Do what the sender asked for, or not; either way nobody waits any more."""
    assert document.request is not None
    packet = Packet.objects.get(id=document.request)
    document.request = None
    if not agreed:
        return
    if packet.kind == Kind.RECALL:
        document.state = State.RECALLED
    elif packet.kind == Kind.REPLACE:
        document.state = State.REPLACED
    else:
        _update(document, packet)


def _update(document: Document, packet: Packet) -> None:
    """Take over what the update says; the files of before stay as an older version."""
    with TemporaryDirectory() as folder:
        found = envelope.read(storage.files().open(packet.sha256), Path(folder))
        kept = keep_received(found.files)
    message = found.message
    document.subject, document.content = message.subject or document.subject, message.content
    document.signer, document.signer_position = message.signer, message.signer_position
    document.priority = message.priority
    document.words = fold(f"{document.subject} {document.code} {document.organ_name} {document.dossier}")
    if kept:
        _keep_files([(document, _version(document) + 1, kept)])


def _version(document: Document) -> int:
    return max(File.objects.filter(document=document).values_list("version", flat=True), default=0)


def keep_received(files: Sequence[Unpacked]) -> tuple[Kept, ...]:
    """Keep the files of a message that was read."""
    keeping, kept = storage.files(), []
    for file in files:
        with file.path.open("rb") as source:
            stored = keeping.put(iter(lambda source=source: source.read(envelope.CHUNK), b""), archives.LIMIT)  # type: ignore[misc]
        kept.append(Kept(file.name, stored.sha256, stored.size))
    return tuple(kept)


def link(*, document: UUID, dossier: str, scope: identity.Scope, now: datetime) -> None:
    """Say which dossier a document concerns; "" for none."""
    if dossier:
        dossiers.records([dossier], scope=scope)
    with transaction.atomic():
        found = rows.held([document]).get(document)
        if found is None or not scope.reaches(found.agency):
            raise unknown()
        found.dossier = dossier
        found.words = fold(f"{found.subject} {found.code} {found.organ_name} {dossier}")
        rows.write_log(
            [rows.Row(found, "link", dossier, scope.caller, scope.position, body={"dossier": dossier})],
            actor=scope.name,
            now=now,
        )
        found.save()


def settle(*, packet: UUID, scope: identity.Scope, now: datetime) -> None:
    """A person has seen to a message that could not be taken in; it is kept and leaves the list."""
    found = Packet.objects.filter(id=packet, settled_at=None).first()
    if found is None or not (scope.agencies is None or scope.agencies & set(found.agencies)):
        raise NotFound("packet-unknown", "Không có gói tin này trong danh sách.", mend="Tải lại trang.")
    Packet.objects.filter(id=packet).update(settled_at=now)

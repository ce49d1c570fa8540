"""What the registers show: lists, one document with its story, and what went wrong on the line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from motcua.documents.actions import unknown
from motcua.documents.models import Announced, Contact, Delivery, Document, File, Packet, Said
from motcua.documents.models import Step as StepRow
from motcua.documents.post import AXIS
from motcua.documents.rules.faults import Fault
from motcua.documents.rules.statuses import standing
from motcua.documents.rules.steps import STATES, WITH_SOMEBODY, Step, allowed, waiting
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.text import fold
from motcua.units import api as units

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a register."""

    uid: UUID
    agency: int
    direction: str
    state: str
    state_words: str
    number: int | None
    year: int | None
    type: str
    code: str
    subject: str
    organ: str
    organ_name: str
    promulgated_on: date | None
    priority: int
    position: int | None
    due_at: datetime | None
    dossier: str
    created_at: datetime
    asked_back: bool
    place: int  # of the next page


@dataclass(frozen=True, slots=True)
class Question:
    """Which lines of an agency's registers: of one direction or of both (""), narrowed by state and words without
    marks, or to what waits for the caller."""

    scope: identity.Scope
    agency: int
    direction: str
    state: str = ""
    words: str = ""
    year: int | None = None
    position: int | None = None
    before: int | None = None
    limit: int = PAGE
    waiting: bool = False


def register(question: Question) -> tuple[tuple[Row, ...], int | None]:
    """A page of a register, newest first, and where the next one begins; None at the end."""
    identity.require(question.scope, question.agency)
    found = Document.objects.filter(agency=question.agency)
    if question.direction:
        found = found.filter(direction=question.direction)
    if question.waiting:
        found = found.filter(_waits(question.scope))
    if question.state:
        found = found.filter(state=question.state)
    if question.year is not None:
        found = found.filter(year=question.year)
    if question.position is not None:
        found = found.filter(position=question.position)
    if question.before is not None:
        found = found.filter(id__lt=question.before)
    for word in fold(question.words).split()[:10]:
        found = found.filter(words__contains=word)
    rows = [_row(document) for document in found.order_by("-id")[: question.limit + 1]]
    more = rows[question.limit - 1].place if len(rows) > question.limit else None
    return tuple(rows[: question.limit]), more


def _waits(scope: identity.Scope) -> Q:
    states, answers = waiting(scope.roles)
    mine = Q(state__in=sorted(states)) | Q(state__in=sorted(WITH_SOMEBODY), position=scope.position or 0)
    found = mine & Q(request__isnull=True)
    return found | Q(request__isnull=False) if answers else found


def count_waiting(agency: int, *, scope: identity.Scope, limit: int) -> int:
    """How many documents of an agency wait for the caller, counted up to a limit."""
    identity.require(scope, agency)
    return Document.objects.filter(_waits(scope), agency=agency)[:limit].count()


def _row(d: Document) -> Row:
    return Row(
        uid=d.uid, agency=d.agency, direction=d.direction, state=d.state, state_words=STATES[d.state][0],  # type: ignore[index]
        number=d.number, year=d.year, type=d.type, code=d.code, subject=d.subject, organ=d.organ,
        organ_name=d.organ_name, promulgated_on=d.promulgated_on, priority=d.priority, position=d.position,
        due_at=d.due_at, dossier=d.dossier, created_at=d.created_at, asked_back=d.request is not None, place=d.id,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of a document's log."""

    n: int
    step: str
    state: str
    at: datetime
    position: int | None
    to_position: int | None
    words: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a document."""

    id: int
    version: int
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A status that was told."""

    organ: str
    code: str
    at: datetime
    words: str
    in_order: bool


@dataclass(frozen=True, slots=True)
class ReceiverRow:
    """How an outgoing document stands with one receiver: on the line, and by what the receiver said last."""

    organ: str
    name: str
    line: str  # state of its parcel; "" while nothing went
    said: str  # what the axis said
    status: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A document with everything that its page shows."""

    row: Row
    reference: str
    content: str
    signer: str
    signer_position: str
    answers: str
    signature: str
    log: tuple[LogRow, ...]
    files: tuple[FileRow, ...]
    said: tuple[SaidRow, ...]
    receivers: tuple[ReceiverRow, ...]
    steps: tuple[Step, ...]
    request: str  # what the sender asks for: recall, update, replace
    request_words: str


def open_document(uid: UUID, *, scope: identity.Scope) -> Opened:
    """A document of an agency that the caller reaches; NotFound otherwise."""
    d = _held(uid, scope)
    said = tuple(
        SaidRow(s.organ, s.code, s.at, s.words, s.in_order) for s in Said.objects.filter(document=d).order_by("id")
    )
    deliveries = list(Delivery.objects.filter(document=d).order_by("id"))
    parcels = {p.id: p for p in exchange.parcels([one.parcel for one in deliveries if one.parcel])}
    packet = Packet.objects.filter(id=d.request).first() if d.request else None
    return Opened(
        row=_row(d), reference=d.reference, content=d.content, signer=d.signer, signer_position=d.signer_position,
        answers=d.answers, signature=d.signature,
        log=tuple(
            LogRow(s.n, s.step, s.state, s.at, s.position, s.to_position, s.words)
            for s in StepRow.objects.filter(document=d).order_by("n")
        ),
        files=tuple(
            FileRow(f.id, f.version, f.name, f.sha256, f.size)
            for f in File.objects.filter(document=d).order_by("version", "id")
        ),
        said=said,
        receivers=tuple(
            ReceiverRow(
                one.organ, one.name, parcels[one.parcel].state.value if one.parcel in parcels else "",
                parcels[one.parcel].said if one.parcel in parcels else "",
                standing([s.code for s in said if s.organ == one.organ]),
            )
            for one in deliveries
        ),
        steps=allowed(d.direction, d.state, scope.roles, asked_back=d.request is not None),
        request=packet.kind if packet else "",
        request_words=said[-1].words if packet and said else "",
    )  # fmt: skip


def _held(uid: UUID, scope: identity.Scope) -> Document:
    found = Document.objects.filter(uid=uid).first()
    if found is None or not scope.reaches(found.agency):
        raise unknown()
    return found


def file_of(uid: UUID, file: int, *, scope: identity.Scope) -> tuple[FileRow, Iterator[bytes]]:
    """A file of a document that the caller reaches."""
    found = File.objects.filter(id=file, document=_held(uid, scope)).first()
    if found is None:
        raise unknown()
    row = FileRow(found.id, found.version, found.name, found.sha256, found.size)
    return row, storage.files().open(found.sha256)


@dataclass(frozen=True, slots=True)
class Problem:
    """A message that could not be taken in, as it is shown to a person."""

    id: UUID
    at: datetime
    sender: str
    reference: str
    kind: str
    size: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A document or word of ours that did not get through; without a document where its message can't be read."""

    document: UUID | None
    code: str
    to: str
    state: str
    said: str
    attempts: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """A status that a receiver told when it could not come."""

    document: UUID
    code: str
    organ: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Problems:
    """Everything between this agency and others that a person has to see to."""

    unreadable: tuple[Problem, ...]
    undelivered: tuple[Undelivered, ...]
    out_of_order: tuple[OutOfOrder, ...]


def problems(agency: int, *, scope: identity.Scope, limit: int = 200) -> Problems:
    """What stands open on an agency's lines."""
    identity.require(scope, agency)
    packets = Packet.objects.filter(settled_at=None, agencies__contains=[agency]).exclude(faults=[]).order_by("-at")
    ours = {identifier.code for identifier in units.directory().agency(agency).identifiers}
    dead = [(row, *row.subject.partition(" ")[::2]) for row in exchange.dead_letters(AXIS)]
    references = [reference for _, organ, reference in dead if organ in ours]
    documents = {d.reference: d for d in Document.objects.filter(agency=agency, reference__in=references)}
    told = Said.objects.filter(document__agency=agency, document__direction="out", in_order=False)
    return Problems(
        unreadable=tuple(
            _problem(packet) for packet in packets[:limit]
        ),
        undelivered=tuple(
            Undelivered(d.uid if d else None, (d.code if d else "") or reference, row.kind, row.state, row.said,
                        row.attempts, row.written_at)
            for row, organ, reference in dead
            if organ in ours
            for d in [documents.get(reference)]
        ),
        out_of_order=tuple(
            OutOfOrder(s.document.uid, s.document.code, s.organ, s.code, s.at)
            for s in told.select_related("document").order_by("-id")[:limit]
        ),
    )  # fmt: skip


def stray(limit: int = 200) -> tuple[Problem, ...]:
    """Messages that could not be taken in and are for no agency here: no desk shows them, so an operator has to."""
    packets = Packet.objects.filter(settled_at=None, agencies=[]).exclude(faults=[]).order_by("-at")[:limit]
    return tuple(_problem(packet) for packet in packets)


def _problem(p: Packet) -> Problem:
    return Problem(p.id, p.at, p.sender, p.reference, p.kind, p.size, tuple(Fault(*fault) for fault in p.faults))


@dataclass(frozen=True, slots=True)
class ContactRow:
    """How the asking of a partner goes: when it was asked, when it answered, and why the last time failed."""

    name: str
    asked_at: datetime
    answered_at: datetime | None
    said: str


def contacts() -> tuple[ContactRow, ...]:
    """The last asking of each thing that is fetched."""
    rows = Contact.objects.order_by("name").values_list("name", "asked_at", "answered_at", "said")
    return tuple(ContactRow(*row) for row in rows)


def packet_bytes(packet: UUID, *, scope: identity.Scope) -> Iterator[bytes]:
    """A message as it came, for whoever it was for."""
    found = Packet.objects.filter(id=packet).first()
    if found is None or not (scope.agencies is None or scope.agencies & set(found.agencies)):
        raise unknown()
    return storage.files().open(found.sha256)


def announced(since: date) -> Sequence[tuple[str, str, date, datetime]]:
    """Identifiers of ours that the axis was told of since a day."""
    rows = Announced.objects.filter(on__gte=since).order_by("on", "code")
    return tuple(rows.values_list("code", "act", "on", "at"))

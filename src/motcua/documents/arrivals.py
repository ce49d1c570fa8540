"""What comes over the line becomes documents, statuses and requests: each message once, none thrown away."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from motcua.documents import actions, envelope, post, rows, signatures
from motcua.documents.archives import Unpacked
from motcua.documents.models import Contact, Delivery, Document, File, Organisation, Packet, Said
from motcua.documents.post import Kept, Word
from motcua.documents.rules import reading
from motcua.documents.rules.faults import Fault, Unreadable
from motcua.documents.rules.statuses import Kind
from motcua.documents.rules.steps import Direction, State
from motcua.documents.rules.values import Message
from motcua.documents.signatures import Standing
from motcua.exchange import api as exchange
from motcua.kernel import clock, storage
from motcua.kernel.errors import Transient
from motcua.kernel.ids import uuid7
from motcua.kernel.text import fold
from motcua.units import api as units

log = logging.getLogger(__name__)
ACTOR = "worker"
TOGETHER = 25  # messages that are written through to the disk in one go


class Became(StrEnum):
    """What became of a message that came."""

    REGISTERED = "registered"
    STATUS = "status"
    REQUEST = "request"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Arriving:
    """A message at the door: its number at the partner, and how to read its bytes (again, if need be).

    `to`: for which identifiers of ours the partner hands it over; none: for all that the message names.
    `sender`: who the partner says sent it, for one that can't be read.
    """

    remote: str
    open: Callable[[], Iterable[bytes]]
    to: tuple[str, ...] = ()
    sender: str = ""
    partner: str = post.AXIS


@dataclass
class _Read:
    """A message that was read, or why not."""

    arriving: Arriving
    packet: Packet
    bytes: Path  # as they came; in a draft's place until they are kept
    message: Message | None = None
    unpacked: tuple[Unpacked, ...] = ()
    files: tuple[Kept, ...] = ()
    unreadable: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()
    signature: str = ""
    agencies: dict[int, str] = field(default_factory=dict)  # of ours, with the identifier that was meant


@dataclass
class _Writing:
    """All that one batch writes."""

    now: datetime
    log: list[rows.Row] = field(default_factory=list)
    letters: list[exchange.Letter] = field(default_factory=list)
    documents: dict[int, Document] = field(default_factory=dict)

    def one(self, document: Document) -> Document:
        """The one value that stands for this document in the batch."""
        return self.documents.setdefault(document.id, document)


def take_in(arriving: Sequence[Arriving], *, now: datetime) -> dict[str, Became]:
    """Take in messages: gives what became of each, by its number at the partner.

    One that came before changes nothing. One that can't be read is kept and answered with status 02 and the reason.
    One that fails here for a reason that nobody thought of has no answer, and costs the others nothing: it still waits
    at the partner.
    """
    partners = {one.partner for one in arriving}
    known = set(
        Packet.objects.filter(partner__in=partners, remote__in=[one.remote for one in arriving]).values_list(
            "partner", "remote"
        )
    )
    before = {one.remote: Became.DUPLICATE for one in arriving if (one.partner, one.remote) in known}
    fresh = {(one.partner, one.remote): one for one in arriving if (one.partner, one.remote) not in known}
    if not fresh:
        return before
    found: list[_Read] = []
    with storage.files().drafting() as folder, ThreadPoolExecutor(1) as keeper:
        kept: list[Future[None]] = []
        for n, one in enumerate(fresh.values(), 1):
            found.append(_read(one, folder, f"{n}-", now))
            if n % TOGETHER == 0 or n == len(fresh):  # the disk is waited for while the next ones are read
                kept.append(keeper.submit(_keep, found[len(kept) * TOGETHER :]))
        for done in kept:
            done.result()
    return before | _write(found, now)


def _write(found: Sequence[_Read], now: datetime) -> dict[str, Became]:
    """Write down what was read, in one transaction; where that fails, the one that fails is found by halving."""
    try:
        return _written(found, now)
    except (Transient, OperationalError, InterfaceError):
        raise  # of the database, not of a message
    except Exception:
        if len(found) == 1:
            log.exception("documents: message %s can't be written down", found[0].arriving.remote)
            return {}
        half = len(found) // 2
        return _write(found[:half], now) | _write(found[half:], now)


def _written(found: Sequence[_Read], now: datetime) -> dict[str, Became]:
    for one in found:
        _place(one, now)
    answers = dict.fromkeys((one.arriving.remote for one in found), Became.DUPLICATE)
    with transaction.atomic():
        ours = rows.add_packets([one.packet for one in found])
        found = [one for one in found if one.packet.id in ours]  # another worker may have been quicker
        writing = _Writing(now)
        new = [one for one in found if one.message is not None and one.message.kind in (Kind.NEW, Kind.REPLACE)]
        _register(new, writing)
        twice = _came_before(found)
        for one in found:
            if one.faults:
                _refuse(one, writing)
            elif one.packet.id in twice:
                one.packet.outcome = Became.DUPLICATE
            elif one.message is not None and one.message.kind is Kind.STATUS:
                _hear(one, writing)
            elif one.message is not None and one.message.kind is not Kind.NEW:
                _ask(one, writing)
        rows.write_log(writing.log, actor=ACTOR, now=now)
        exchange.send(writing.letters, now=now)
        rows.settle_packets([one.packet for one in found])
    return answers | {one.arriving.remote: Became(one.packet.outcome) for one in found}


def _read(arriving: Arriving, folder: Path, name: str, now: datetime) -> _Read:
    """Read a message while its bytes are written into the folder, beside the files that it brings."""
    packet = Packet(
        id=uuid7(), partner=arriving.partner, remote=arriving.remote, at=now, sha256="", size=0,
        kind="", sender=arriving.sender, reference="", outcome="", faults=[], agencies=[],
    )  # fmt: skip
    one = _Read(arriving, packet, folder / f"{name}message")
    try:
        with one.bytes.open("wb") as kept:
            pieces = _copied(arriving.open(), kept)
            try:
                found = envelope.read(pieces, folder, name)
            finally:
                for _ in pieces:  # what is unreadable is kept to its end
                    pass
                packet.size = kept.tell()
        one.message = message = found.message
        checked = _checked(found, one.bytes, now)
        one.signature = checked.standing
        if checked.standing is Standing.BROKEN:
            raise Unreadable(Fault("signature-broken", checked.why[:80]))
        one.unpacked = found.files
        for part in found.parts:  # what was only on the way to a file is not written through
            if part.data is None and all(part.path != file.path for file in found.files):
                part.path.unlink()
        packet.kind = message.kind
        packet.sender = message.sender.code
        about = message.about[0] if message.about and message.kind is not Kind.REPLACE else message.reference
        packet.reference = about.text if about else ""
    except Unreadable as error:
        sender, reference = reading.salvage(error.partial)
        if one.message is not None:
            sender, given = one.message.sender.code, one.message.reference
            reference = given.text if given else ""
        packet.sender, packet.reference = sender or arriving.sender, reference
        one.message, one.unreadable = None, error.faults
        for left in folder.glob(f"{name}part-*"):
            left.unlink()
    return one


def _copied(chunks: Iterable[bytes], kept: IO[bytes]) -> Iterator[bytes]:
    """The chunks, each written before it is read. The storage keeps no empty files: nothing is kept as a line end."""
    for chunk in chunks:
        kept.write(chunk)
        yield chunk
    if not kept.tell():
        kept.write(b"\n")


def _keep(found: Sequence[_Read]) -> None:
    """Keep all that came and was unpacked: once for the whole batch the disk is waited for."""
    drafts = [path for one in found for path in (one.bytes, *(file.path for file in one.unpacked))]
    digests = iter(storage.files().keep(drafts))
    for one in found:
        one.packet.sha256 = next(digests)
        one.files = tuple(Kept(file.name, next(digests), file.size) for file in one.unpacked)


def _place(one: _Read, now: datetime) -> None:
    """For which of our agencies it is; a document that is for none of them is at fault."""
    one.packet.outcome, one.packet.faults, one.packet.agencies = "", [], []
    one.faults, one.agencies = one.unreadable, _agencies(one, now)
    if not one.agencies and not one.faults and one.message is not None and one.message.kind in (Kind.NEW, Kind.REPLACE):
        one.faults = (Fault("receiver-not-here", ", ".join(r.code for r in one.message.receivers)[:80]),)


def _checked(found: envelope.Envelope, path: Path, now: datetime) -> signatures.Checked:
    if not found.signed:
        return signatures.Checked(Standing.NONE)
    return signatures.check(found, path, trusted=signatures.trusted_in(Path(settings.TRUSTED)), now=now)


def _agencies(one: _Read, now: datetime) -> dict[int, str]:
    """Ours among the receivers on this day: who holds the identifier now, or the one heir of who held it."""
    on, directory = clock.day_of(now), units.directory()
    codes = one.arriving.to or tuple(receiver.code for receiver in (one.message.receivers if one.message else ()))
    found: dict[int, str] = {}
    for code in codes:
        agency = directory.find_agency(code, on)
        if agency is None and (holders := directory.agency_holders(code)):
            heirs = directory.heirs(holders[-1][2].id, on)
            agency = heirs[0] if len(heirs) == 1 else None
        if agency is not None:
            found.setdefault(agency.id, code)
    return found


def _came_before(found: Sequence[_Read]) -> set[UUID]:
    """Statuses and requests that came before under another number, byte for byte."""
    said = [one for one in found if one.packet.kind not in ("", Kind.NEW)]
    before = set(
        Packet.objects.filter(sha256__in=[one.packet.sha256 for one in said])
        .exclude(kind__in=["", Kind.NEW])
        .exclude(id__in=[one.packet.id for one in said])
        .exclude(outcome=Became.REFUSED)
        .values_list("sha256", flat=True)
    )
    twice = set()
    for one in said:
        if one.packet.sha256 in before:
            twice.add(one.packet.id)
        before.add(one.packet.sha256)
    return twice


def _register(new: Sequence[_Read], writing: _Writing) -> None:
    """Put documents into the books of the agencies that they are for; the same one again changes nothing."""
    wanted = [
        (one, one.message, agency)
        for one in new
        if one.message is not None and not one.faults
        for agency in one.agencies
    ]
    before: dict[tuple[int, str], Document] = {
        (d.agency, d.reference): d
        for d in Document.objects.filter(
            direction=Direction.IN,
            agency__in={agency for _, _, agency in wanted},
            reference__in={_reference(message) for _, message, _ in wanted},
        ).exclude(state__in=[State.RECALLED, State.REFUSED])
    }
    kept = _contents([d.id for d in before.values()])
    contents = {key: kept.get(document.id, frozenset()) for key, document in before.items()}
    made: list[tuple[Document, _Read]] = []
    for one, message, agency in wanted:
        reference = _reference(message)
        earlier = before.get((agency, reference))
        if earlier is not None:
            same = contents[agency, reference] == frozenset(f.sha256 for f in one.files)
            if same and earlier.subject == message.subject:
                one.packet.outcome = one.packet.outcome or Became.DUPLICATE
            else:
                one.faults = (Fault("document-twice", message.code),)
            continue
        document = _document(one, message, agency, writing.now)
        before[agency, reference] = document
        contents[agency, reference] = frozenset(f.sha256 for f in one.files)
        made.append((document, one))
        one.packet.outcome = Became.REGISTERED
    rows.add_documents([document for document, _ in made])
    for document, _ in made:
        writing.one(document)
    rows.insert(
        [
            File(document=document, version=1, name=f.name, sha256=f.sha256, size=f.size, content_type="")
            for document, one in made
            for f in one.files
        ]
    )
    writing.log += [
        rows.Row(document, "arrive", body={"message": one.packet.sha256, "signature": one.signature})
        for document, one in made
    ]
    writing.letters += actions.say([(document, "01", "") for document, _ in made], now=writing.now)


def _reference(message: Message) -> str:
    assert message.reference is not None
    return message.reference.text


def _contents(ids: Sequence[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for document, sha256 in File.objects.filter(document__in=ids).values_list("document", "sha256"):
        found.setdefault(document, set()).add(sha256)
    return {document: frozenset(digests) for document, digests in found.items()}


def _document(one: _Read, message: Message, agency: int, now: datetime) -> Document:
    one.packet.agencies = sorted({*one.packet.agencies, agency})
    type_name = message.type_name or "Công văn"
    return Document(
        uid=uuid7(), agency=agency, direction=Direction.IN, state=State.ARRIVED, steps=0, series="", type=type_name,
        code=message.code, notation=message.notation, reference=_reference(message),
        promulgated_on=message.promulgated_on, organ=message.sender.code, organ_name=message.sender.name,
        subject=message.subject, content=message.content, signer=message.signer,
        signer_position=message.signer_position, priority=message.priority, dossier="",
        answers=message.answers[0].text if message.answers else "", position=None,
        due_at=rows.end_of(message.due_on), signature=one.signature, created_at=now,
        words=fold(f"{message.subject} {message.code} {message.sender.name} {message.sender.code} {type_name}"),
    )  # fmt: skip


def _refuse(one: _Read, writing: _Writing) -> None:
    """Keep what can't be taken in, and tell its sender why: status 02."""
    packet = one.packet
    packet.outcome = Became.REFUSED
    packet.faults = [[fault.name, fault.at] for fault in one.faults]
    packet.agencies = sorted(one.agencies)
    our = next(iter(one.agencies.values()), "") or next(iter(one.arriving.to), "")
    if packet.kind == Kind.STATUS or not (our and packet.sender and packet.reference):
        return  # a status is not answered; nor is what doesn't say which document it is
    why = " ".join(fault.sentence for fault in one.faults)[:1000]
    code = "16" if packet.kind in (Kind.RECALL, Kind.UPDATE) else "02"
    writing.letters += post.told([Word(our, packet.sender, packet.reference, code, why)], now=writing.now)


def _forms(code: str, now: datetime) -> set[str]:
    """Every identifier of the organisation with this one: both forms."""
    on = clock.day_of(now)
    agency = units.directory().find_agency(code, on)
    known = {i.code for i in agency.identifiers} if agency else set()
    for row in Organisation.objects.filter(valid_to=None, code=code) | Organisation.objects.filter(
        valid_to=None, code102=code
    ):
        known |= {row.code, row.code102}
    return known | {code}


def _hear(one: _Read, writing: _Writing) -> None:
    """Write down what a receiver says of a document of ours."""
    message = one.message
    assert message is not None
    about = message.about[0]
    document = (
        Document.objects.select_for_update()
        .filter(direction=Direction.OUT, reference=about.text)
        .exclude(reference="")
        .first()
    )
    delivery = None
    if document is not None:
        document = writing.one(document)
        forms = _forms(message.sender.code, writing.now)
        delivery = Delivery.objects.filter(document=document, organ__in=forms).first()
    if document is None or delivery is None:
        one.faults = (Fault("about-unknown", about.text[:80]),)
        if document is not None:
            one.agencies = {document.agency: document.organ}
        return _refuse(one, writing)
    one.packet.outcome = Became.STATUS
    one.packet.agencies = [document.agency]
    last = Said.objects.filter(document=document, organ=delivery.organ).order_by("-id").first()
    if last is not None and (last.code, last.words) == (message.status, message.description):
        one.packet.outcome = Became.DUPLICATE
        return None
    in_order = rows.check_order(document, delivery.organ, message.status)
    Said.objects.create(
        document=document,
        organ=delivery.organ,
        code=message.status,
        at=writing.now,
        words=message.description,
        in_order=in_order,
    )
    writing.log.append(rows.Row(document, "told", f"{delivery.organ} {message.status}"))
    if message.status == "15" and document.state == State.SENT and _recalled_by_all(document):
        document.state = State.RECALLED
        document.save(update_fields=["state"])
        writing.log.append(rows.Row(document, "recalled"))
    return None


def _recalled_by_all(document: Document) -> bool:
    """Every receiver agreed to what was asked, and what was asked was to give it back."""
    logs: dict[str, str] = {}
    for organ, code in Said.objects.filter(document=document).order_by("id").values_list("organ", "code"):
        logs[organ] = code
    organs = set(Delivery.objects.filter(document=document).values_list("organ", flat=True))
    asked = rows.last_of(document, ("recall", "update"))
    return asked == "recall" and all(logs.get(organ) == "15" for organ in organs)


def _ask(one: _Read, writing: _Writing) -> None:
    """The sender wants a document back, or changed: it waits for somebody's answer."""
    message = one.message
    assert message is not None
    found = (
        Document.objects.select_for_update()
        .filter(
            direction=Direction.IN,
            agency__in=one.agencies,
            reference__in=[about.text for about in message.about],
            organ__in=_forms(message.sender.code, writing.now),
        )
        .exclude(state__in=[State.RECALLED, State.REFUSED, State.REPLACED])
        .order_by("id")
    )
    documents = [writing.one(document) for document in found]
    if not documents:
        if message.kind is Kind.REPLACE:
            return None  # the new one is registered; there was no old one here
        one.faults = (Fault("about-unknown", message.about[0].text[:80]),)
        return _refuse(one, writing)
    one.packet.outcome = Became.REQUEST
    one.packet.agencies = sorted({document.agency for document in documents})
    for document in documents:
        document.request = one.packet.id
        document.save(update_fields=["request"])
        writing.log.append(rows.Row(document, "asked_back", message.reason, body={"kind": message.kind}))
    Said.objects.bulk_create(
        Said(document=d, organ=one.agencies[d.agency], code="13", at=writing.now, words=message.reason, in_order=True)
        for d in documents
    )
    return None


def note_contact(name: str, *, said: str = "", now: datetime) -> None:
    """Write down that a partner was asked for this, and that it answered or why it did not."""
    answered = {} if said else {"answered_at": now}
    Contact.objects.update_or_create(name=name, defaults={"asked_at": now, "said": said[:300], **answered})

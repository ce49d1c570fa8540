"""What goes to other offices: a document or a word about one, as a letter to the axis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

import msgspec
from django.conf import settings

from motcua.documents import writing
from motcua.documents.archives import Unpacked
from motcua.documents.envelope import CHUNK, LARGEST
from motcua.documents.rules import fields
from motcua.documents.rules.faults import Unreadable
from motcua.documents.rules.statuses import Kind
from motcua.documents.rules.values import Message, Organ, Reference, Trace
from motcua.documents.signatures import Signer, load_signer
from motcua.exchange import api as exchange
from motcua.kernel import storage
from motcua.kernel.errors import Permanent
from motcua.kernel.ids import uuid7

AXIS = "axis"
"""The partner's name: trục liên thông văn bản quốc gia."""


class Enclosed(msgspec.Struct, frozen=True):
    """Body of a letter to the axis: what it is, from whom to whom, and the edXML or where it is kept."""

    type: str  # edoc, status, revocation, update, replacement, register
    sender: str
    to: tuple[str, ...]
    sha256: str = ""
    text: str = ""


TYPES = {
    Kind.NEW: "edoc",
    Kind.STATUS: "status",
    Kind.RECALL: "revocation",
    Kind.UPDATE: "update",
    Kind.REPLACE: "replacement",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a document as it is kept."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Word:
    """A status that one of our agencies is to tell the office that sent a document."""

    sender: str  # our identifier
    to: str
    reference: str
    code: str
    words: str = ""
    id: UUID = field(default_factory=uuid7)


def told(words: Sequence[Word], *, now: datetime) -> list[exchange.Letter]:
    """The letters that tell these statuses. Statuses about one document arrive in their order."""
    letters = []
    for word in words:
        reference = fields.read_reference(word.reference)
        if reference is None or not word.to:
            continue  # nobody could be told what is meant
        message = Message(
            Kind.STATUS,
            Organ(word.sender),
            (Organ(word.to),),
            about=(reference,),
            status=word.code,
            description=word.words,
            at=now,
        )
        out = BytesIO()
        writing.write(message, [], out)
        body = Enclosed(TYPES[Kind.STATUS], word.sender, (word.to,), text=out.getvalue().decode())
        letters.append(
            exchange.Letter(
                AXIS, f"{word.sender} {word.reference}", f"status {word.code}", msgspec.json.encode(body), word.id
            )
        )
    return letters


def enclosed(message: Message, kept: Sequence[Kept]) -> exchange.Letter:
    """The letter that brings a document; its edXML, with the files, is kept beside the others."""
    assert message.reference is not None
    keeping = storage.files()
    sources = [NamedTemporaryFile() for _ in kept]  # noqa: SIM115 - closed below
    try:
        files = []
        for one, source in zip(kept, sources, strict=True):
            for piece in keeping.open(one.sha256):
                source.write(piece)
            source.flush()
            files.append(Unpacked(one.name, Path(source.name), one.size))
        with NamedTemporaryFile() as out:
            try:
                writing.write(message, files, out, signer=our_signer())
            except Unreadable as error:
                raise Permanent(error.faults[0].name, error.faults[0].sentence, mend="Thay tệp rồi gửi lại.") from error
            except ValueError as error:
                raise Permanent("document-characters", "Văn bản có ký tự không gửi được.", mend="Gõ lại.") from error
            out.seek(0)
            stored = keeping.put(iter(lambda: out.read(CHUNK), b""), LARGEST)
    finally:
        for source in sources:
            source.close()
    body = Enclosed(
        TYPES[message.kind], message.sender.code, tuple(r.code for r in message.receivers), sha256=stored.sha256
    )
    subject = f"{message.sender.code} {message.reference.text}"
    return exchange.Letter(AXIS, subject, TYPES[message.kind], msgspec.json.encode(body))


def our_signer() -> Signer | None:
    """Who signs what this installation sends; None while no key was put in place."""
    key, certificate = Path(settings.EDXML_KEY), Path(settings.EDXML_CERTIFICATE)
    return load_signer(key, certificate) if key.exists() and certificate.exists() else None


def trace(organ: str, now: datetime) -> tuple[Trace, ...]:
    return (Trace(organ, now.replace(microsecond=0)),)


def reference_of(text: str) -> tuple[Reference, ...]:
    found = fields.read_reference(text)
    return (found,) if found else ()

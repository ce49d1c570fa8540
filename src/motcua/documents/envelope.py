"""Bytes of a message to its elements and files: piece by piece, so that its size is not what it costs.

Nothing is ever loaded from elsewhere: a document type or an entity is refused where it begins. What is base64 goes
straight into a file; only what is left stands in memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.parsers import expat

import msgspec

from motcua.documents import archives
from motcua.documents.archives import LIMIT, Unpacked
from motcua.documents.rules import fields, reading
from motcua.documents.rules.faults import Fault, Unreadable
from motcua.documents.rules.reading import MOST_FILES, content_id
from motcua.documents.rules.values import Attached, Element, Message

CHUNK = 64 * 1024
SMALL = 1024 * 1024  # bytes of an attachment that may stand in memory
LARGEST = 1024 * 1024 * 1024  # bytes of a whole message
DEEPEST = 40
MOST_ELEMENTS = 60_000
LONGEST_TEXT = 1024 * 1024  # characters of one element, attachments apart
LONGEST_TOKEN = 4 * 1024 * 1024  # bytes of a tag or a comment, which the parser has to hold whole
DECODER = msgspec.json.Decoder(bytes)  # reads base64 three times as fast as binascii, and is as strict
BLANKS = b"\n\r\t "
ROOM = 1024 * 1024  # a file of the greatest size that can't be compressed is a little larger in its zip
CONTENT = frozenset({"contenttransferencoded", "contenttransferencode", "attachmentcontent", "content", "data"})
SHORT = {expat.errors.codes[text] for text in (
    expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_PARTIAL_CHAR,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION, expat.errors.XML_ERROR_NO_ELEMENTS,
)}  # fmt: skip
ENCODINGS = {expat.errors.codes[text] for text in (
    expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING,
)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """The content of one attachment as it came: what stood in its base64, in memory while it is small."""

    content_id: str
    name: str
    description: str
    content_type: str
    path: Path
    data: bytes | None  # None where it stands in a file at `path`
    size: int

    def open(self) -> IO[bytes]:
        return self.path.open("rb") if self.data is None else BytesIO(self.data)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it was read: what it says, its parts, and its files out of their zips."""

    message: Message
    parts: tuple[Part, ...]
    files: tuple[Unpacked, ...]
    size: int
    signed: bool
    cuts: tuple[tuple[int, int], ...]  # where base64 stands in the bytes


def read(chunks: Iterable[bytes], folder: Path, name: str = "") -> Envelope:
    """Read a message; its files are put into `folder`, with names that begin so. Unreadable says every fault by its
    name."""
    parsed = _Parser(folder / f"{name}part-")
    size = 0
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), CHUNK):
                piece = chunk[start : start + CHUNK]
                size += len(piece)
                parsed.feed(piece, size)
        root = parsed.close(size)
    except Unreadable as error:
        error.partial = parsed.root
        raise
    finally:
        if parsed.sink is not None:
            parsed.sink.leave()
    faults: list[Fault] = []
    message = None
    try:
        message = reading.read(root)
    except Unreadable as error:
        faults += error.faults
    parts = tuple(parsed.parts)
    if len({part.content_id for part in parts if part.content_id}) < sum(bool(part.content_id) for part in parts):
        faults.append(Fault("attachment-twice"))
    files: list[Unpacked] = []
    remarks: list[str] = []
    if parts:
        folder.mkdir(parents=True, exist_ok=True)
    names = _names(message.files if message else (), parts, faults, remarks)
    for part, name in zip(parts, names, strict=True):
        try:
            with part.open() as content:
                unpacked, noted = archives.unpack(content, part.path, name, there=part.data is None)
        except Unreadable as error:
            faults += [replace(fault, at=fault.at or name[:80]) for fault in error.faults]
            continue
        files += unpacked
        remarks += noted
    if faults or message is None:
        refused = Unreadable(*dict.fromkeys(faults))
        refused.partial = root
        raise refused
    message = replace(message, remarks=tuple(dict.fromkeys((*message.remarks, *remarks))))
    return Envelope(message, parts, tuple(files), size, parsed.signed, tuple(parsed.cuts))


def _names(listed: tuple[Attached, ...], parts: tuple[Part, ...], faults: list[Fault], remarks: list[str]) -> list[str]:
    """What each part is called: as the list of attachments or the part itself says."""
    by_id = {one.content_id.casefold(): one for one in listed if one.content_id}
    by_name = {one.name.casefold(): one for one in listed if one.name}
    left: list[Attached] = list(listed)
    names: list[str] = []
    for part in parts:
        found = by_id.get(part.content_id.casefold()) or by_name.get(part.name.casefold())
        if found is not None and found in left:
            left.remove(found)
        elif found is None and listed:
            remarks.append("manifest-missing")
        name = part.name or (found.name if found else "") or part.description or "tep"
        fault = fields.name_fault(name)
        if fault:
            faults.append(Fault(fault, name[:80]))
        names.append(name)
    faults += [Fault("attachment-missing", (one.name or one.content_id)[:80]) for one in left]
    return names


class _Base64:
    """Takes base64 piece by piece and keeps what it stands for: in memory, and beyond some size in a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.rest, self.ended, self.size = path, b"", False, 0
        self.held: bytearray | None = bytearray()
        self.file: IO[bytes] | None = None

    def write(self, made: bytes) -> None:
        if self.held is not None:
            self.held += made
            if len(self.held) <= SMALL:
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file, made, self.held = self.path.open("wb"), bytes(self.held), None
        assert self.file is not None
        self.file.write(made)

    def feed(self, text: str) -> None:
        try:
            data = text.encode("ascii")
        except UnicodeEncodeError:
            raise Unreadable(Fault("attachment-not-base64")) from None
        if any(blank in data for blank in BLANKS):
            data = data.translate(None, BLANKS)
        data = self.rest + data
        whole = len(data) // 4 * 4
        ready, self.rest = data[:whole], data[whole:]
        if not ready:
            return
        if self.ended:
            raise Unreadable(Fault("attachment-not-base64"))
        if b"\\" in ready or b'"' in ready:
            raise Unreadable(Fault("attachment-not-base64"))
        try:
            made = DECODER.decode(b'"%b"' % ready)
        except msgspec.MsgspecError:
            raise Unreadable(Fault("attachment-not-base64")) from None
        self.ended = ready.endswith(b"=")
        self.size += len(made)
        if self.size > LIMIT + ROOM:
            raise Unreadable(Fault("attachment-too-large"))
        self.write(made)

    def leave(self) -> None:
        if self.file is not None:
            self.file.close()

    def close(self) -> None:
        if self.rest and not self.ended:  # some leave out the padding
            self.feed("=" * (-len(self.rest) % 4))
        if self.rest:
            raise Unreadable(Fault("attachment-not-base64"))
        self.leave()


class _Parser:
    """Expat with everything from outside shut off, and limits on what is inside."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.root: Element | None = None
        self.stack: list[Element] = []
        self.texts: list[list[str]] = []
        self.elements = self.length = 0
        self.parts: list[Part] = []
        self.cuts: list[tuple[int, int]] = []
        self.signed = False
        self.sink: _Base64 | None = None
        self.sink_at = 0
        self.done: dict[int, _Base64] = {}
        parser = self.parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self.refuse
        parser.EntityDeclHandler = self.refuse
        parser.ExternalEntityRefHandler = self.refuse
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text

    def feed(self, piece: bytes, size: int) -> None:
        if size > LARGEST:
            raise Unreadable(Fault("message-too-large"))
        self.parse(piece, False)
        if size - self.parser.CurrentByteIndex > LONGEST_TOKEN and self.sink is None:
            raise Unreadable(Fault("text-too-long"))

    def close(self, size: int) -> Element:
        if not size:
            raise Unreadable(Fault("empty"))
        self.parse(b"", True)
        if self.root is None:
            raise Unreadable(Fault("empty"))
        return self.root

    def parse(self, piece: bytes, final: bool) -> None:
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError as error:
            if error.code in SHORT and final:
                raise Unreadable(Fault("cut-short" if self.root else "empty")) from None
            name = "encoding-unknown" if error.code in ENCODINGS else "not-xml"
            raise Unreadable(Fault(name, f"dòng {error.lineno}")) from None
        except (ValueError, LookupError, UnicodeError):
            raise Unreadable(Fault("encoding-unknown")) from None

    def refuse(self, *_of: object) -> int:
        raise Unreadable(Fault("doctype"))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Unreadable(Fault("too-many-elements"))
        if len(self.stack) >= DEEPEST:
            raise Unreadable(Fault("too-deep"))
        if self.sink is not None:
            raise Unreadable(Fault("attachment-not-base64"))
        element = Element(tag.rpartition(":")[2].casefold(), attributes=attributes)
        above = self.stack[-1] if self.stack else None
        if above is None:
            self.root = element
        else:
            above.children.append(element)
        self.stack.append(element)
        self.texts.append([])
        self.length = 0
        self.signed = self.signed or element.name == "signature"
        if above is not None and above.name == "attachment" and element.name in CONTENT:
            if len(self.parts) >= MOST_FILES:
                raise Unreadable(Fault("too-many-attachments"))
            self.sink = _Base64(self.place.with_name(f"{self.place.name}{len(self.cuts)}"))
            self.sink_at = self.parser.CurrentByteIndex

    def text(self, text: str) -> None:
        if self.sink is not None:
            self.sink.feed(text)
            return
        self.length += len(text)
        if self.length > LONGEST_TEXT:
            raise Unreadable(Fault("text-too-long"))
        self.texts[-1].append(text)

    def end(self, _tag: str) -> None:
        element = self.stack.pop()
        element.text = "".join(self.texts.pop())
        self.length = 0
        if self.sink is not None:
            self.sink.close()
            self.cuts.append((self.sink_at, self.parser.CurrentByteIndex))
            self.done[id(self.stack[-1])] = self.sink
            self.sink = None
        elif element.name == "attachment":
            self.part(element)

    def part(self, element: Element) -> None:
        found = self.done.pop(id(element), None)
        if found is None:
            return
        name = reading.said(element, "attachmentname")
        if not found.size:
            raise Unreadable(Fault("attachment-empty", name[:80]))
        if len(self.parts) >= MOST_FILES:
            raise Unreadable(Fault("too-many-attachments"))
        self.parts.append(
            Part(
                content_id=content_id(reading.said(element, "contentid"))[:200],
                name=name[:300],
                description=reading.said(element, "description")[:300],
                content_type=reading.said(element, "contenttype")[:200],
                path=found.path,
                data=None if found.held is None else bytes(found.held),
                size=found.size,
            )
        )

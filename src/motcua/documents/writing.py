"""A message as edXML: elements of QCVN 102:2016, each file as base64 of a zip, written piece by piece."""

import base64
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from motcua.documents import archives, signatures
from motcua.documents.archives import Unpacked
from motcua.documents.rules.reading import NAMESPACE
from motcua.documents.rules.statuses import KIND_NUMBERS, Kind
from motcua.documents.rules.values import Message, Organ, Reference
from motcua.documents.signatures import Signer
from motcua.kernel import clock

if TYPE_CHECKING:
    from lxml import etree

ENVELOPE_ID = "envelope"
LINE = 57 * 1024  # bytes of a file that are encoded at once; a multiple of three
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a file in a zip, so that the same message is the same bytes


def write(message: Message, files: Sequence[Unpacked], out: IO[bytes], *, signer: Signer | None = None) -> None:
    """Write the message; Unreadable where a file would be refused by whoever receives it."""
    from lxml import etree

    for file in files:
        archives.check_file(file.name, file.path)
    with _zipped(files) as zips:
        root = _root(message, files)
        if signer is not None:
            contents = {f"cid:{_cid(n)}": zips[n] for n in range(len(files))}
            signatures.sign(root, f"#{ENVELOPE_ID}", contents, signer)
        whole = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        pieces = []
        for n in reversed(range(len(files))):  # from the end, so that a subject may say "@@0@@"
            whole, _, after = whole.rpartition(_mark(n).encode())
            pieces.append(after)
        out.write(whole)
        for path, after in zip(zips, reversed(pieces), strict=True):
            _encode(path, out)
            out.write(after)


def _cid(n: int) -> str:
    return f"tep-{n + 1}"


def _mark(n: int) -> str:
    return f"@@{n}@@"


@contextmanager
def _zipped(files: Sequence[Unpacked]) -> Iterator[list[Path]]:
    if not files:
        yield []
        return
    with TemporaryDirectory() as folder:
        made = []
        for n, file in enumerate(files):
            path = Path(folder) / f"{n}.zip"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                info = zipfile.ZipInfo(file.name, FIRST_DAY)
                info.compress_type = zipfile.ZIP_DEFLATED
                with file.path.open("rb") as source, archive.open(info, "w") as inside:
                    while piece := source.read(LINE):
                        inside.write(piece)
            made.append(path)
        yield made


def _encode(path: Path, out: IO[bytes]) -> None:
    with path.open("rb") as source:
        while piece := source.read(LINE):
            out.write(base64.b64encode(piece))


def _put(above: "etree._Element", name: str, text: object = "") -> "etree._Element":
    from lxml import etree

    made = etree.SubElement(above, f"{{{NAMESPACE}}}{name}")
    if text not in ("", None):
        made.text = str(text)
    return made


def _maybe(above: "etree._Element", name: str, text: object) -> None:
    if text not in ("", None):
        _put(above, name, text)


def _organ(above: "etree._Element", name: str, organ: Organ) -> None:
    made = _put(above, name)
    _put(made, "OrganId", organ.code)
    for tag, text in (
        ("OrganizationInCharge", organ.in_charge),
        ("OrganName", organ.name),
        ("OrganAdd", organ.address),
        ("Email", organ.email),
        ("Telephone", organ.telephone),
        ("Fax", organ.fax),
        ("Website", organ.website),
    ):
        _maybe(made, tag, text)


def _answer(above: "etree._Element", reference: Reference) -> None:
    made = _put(above, "ResponseFor")
    _put(made, "OrganId", reference.organ)
    _put(made, "Code", reference.code)
    _put(made, "DocumentId", reference.text)
    _maybe(made, "PromulgationDate", f"{reference.on:%Y/%m/%d}" if reference.on else "")


def _root(message: Message, files: Sequence[Unpacked]) -> "etree._Element":
    from lxml import etree

    root = etree.Element(f"{{{NAMESPACE}}}edXML", nsmap={"edXML": NAMESPACE})
    envelope = _put(root, "edXMLEnvelope")
    envelope.set("Id", ENVELOPE_ID)
    header = _put(envelope, "edXMLHeader")
    if message.kind is Kind.STATUS:
        _status(_put(header, "MessageHeader"), message)
        return root
    _document(_put(header, "MessageHeader"), message)
    _traces(_put(header, "TraceHeaderList"), message)
    body = _put(envelope, "edXMLBody")
    manifest = _put(body, "edXMLManifest")
    manifest.set("version", "1.0")
    encoded = _put(root, "AttachmentEncoded") if files else None
    for n, file in enumerate(files):
        listed = _put(manifest, "Reference")
        _put(listed, "ContentId", f"cid:{_cid(n)}")
        _put(listed, "ContentType", "application/zip")
        _put(listed, "Description", file.name)
        _put(listed, "AttachmentName", file.name)
        assert encoded is not None
        attachment = _put(encoded, "Attachment")
        _put(attachment, "ContentId", _cid(n))
        _put(attachment, "AttachmentName", file.name)
        _put(attachment, "Description", file.name)
        _put(attachment, "ContentType", "application/zip")
        _put(attachment, "ContentTransferEncoded", _mark(n))
    return root


def _status(header: "etree._Element", message: Message) -> None:
    _organ(header, "From", message.sender)
    for receiver in message.receivers:
        _organ(header, "To", receiver)
    for reference in message.about:
        _answer(header, reference)
    _put(header, "StatusCode", message.status)
    _maybe(header, "Description", message.description)
    if message.at is not None:
        _put(header, "Timestamp", f"{clock.local(message.at):%Y/%m/%d %H:%M:%S}")
    _staff(header, message)


def _document(header: "etree._Element", message: Message) -> None:
    _organ(header, "From", message.sender)
    for receiver in message.receivers:
        _organ(header, "To", receiver)
    if message.reference is not None:
        _put(header, "DocumentId", message.reference.text)
    code = _put(header, "Code")
    _put(code, "CodeNumber", message.number)
    _put(code, "CodeNotation", message.notation)
    issued = _put(header, "PromulgationInfo")
    _maybe(issued, "Place", message.place)
    if message.promulgated_on is not None:
        _put(issued, "PromulgationDate", f"{message.promulgated_on:%Y/%m/%d}")
    kind = _put(header, "DocumentType")
    _put(kind, "Type", message.type)
    _maybe(kind, "TypeName", message.type_name)
    _put(header, "Subject", message.subject)
    _put(header, "Content", message.content)
    signer = _put(header, "SignerInfo")
    _maybe(signer, "Competence", message.signer_competence)
    _maybe(signer, "Position", message.signer_position)
    _maybe(signer, "FullName", message.signer)
    _maybe(header, "DueDate", f"{message.due_on:%Y/%m/%d}" if message.due_on else "")
    if message.to_places:
        places = _put(header, "ToPlaces")
        for place in message.to_places:
            _put(places, "Place", place)
    other = _put(header, "OtherInfo")
    _put(other, "Priority", message.priority)
    _maybe(other, "SphereOfPromulgation", message.sphere)
    _maybe(other, "PromulgationAmount", message.copies)
    _maybe(other, "PageAmount", message.pages)
    if message.appendixes:
        appendixes = _put(other, "Appendixes")
        for appendix in message.appendixes:
            _put(appendixes, "Appendix", appendix)
    for reference in message.answers:
        _answer(header, reference)
    _maybe(header, "SteeringType", message.steering)


def _traces(list_: "etree._Element", message: Message) -> None:
    for trace in message.traces:
        one = _put(list_, "TraceHeader")
        _put(one, "OrganId", trace.organ)
        _maybe(one, "Timestamp", f"{clock.local(trace.at):%Y/%m/%d %H:%M:%S}" if trace.at else "")
    business = _put(list_, "Bussiness")
    _put(business, "BussinessDocType", KIND_NUMBERS[message.kind])
    _maybe(business, "BussinessDocReason", message.reason)
    if message.about and message.kind is not Kind.REPLACE:
        _put(business, "DocumentId", message.about[0].text)
    _put(business, "Paper", int(message.paper))
    if message.added or message.removed:
        receivers = _put(_put(business, "BussinessDocumentInfo"), "ReceiverList")
        for code, sort in (*((code, 1) for code in message.added), *((code, 0) for code in message.removed)):
            one = _put(receivers, "Receiver")
            _put(one, "OrganId", code)
            _put(one, "ReceiverType", sort)
    if message.replaces:
        infos = _put(business, "ReplacementInfoList")
        for replacement in message.replaces:
            info = _put(infos, "ReplacementInfo")
            _put(info, "DocumentId", replacement.reference.text)
            organs = _put(info, "OrganIdList")
            for code in replacement.organs:
                _put(organs, "OrganId", code)
    _staff(business, message)


def _staff(above: "etree._Element", message: Message) -> None:
    staff = message.staff
    if any((staff.department, staff.name, staff.email, staff.mobile)):
        made = _put(above, "StaffInfo")
        _maybe(made, "Department", staff.department)
        _maybe(made, "Staff", staff.name)
        _maybe(made, "Email", staff.email)
        _maybe(made, "Mobile", staff.mobile)

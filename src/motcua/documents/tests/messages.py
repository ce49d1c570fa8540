"""Messages for the tests: a good one as text, and what senders do to it."""

import base64
import io
import zipfile
from collections.abc import Mapping
from copy import copy

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


def zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = b"a"  # so that its base64 needs padding
    return made.getvalue()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def attachment(content: str, name: str = "cong-van.pdf", cid: str = "tep-1") -> str:
    return (
        f"<edXML:Attachment><edXML:ContentId>{cid}</edXML:ContentId><edXML:AttachmentName>{name}</edXML:AttachmentName>"
        f"<edXML:ContentTransferEncoded>{content}</edXML:ContentTransferEncoded></edXML:Attachment>"
    )


def listed(name: str = "cong-van.pdf", cid: str = "tep-1") -> str:
    return (
        f"<edXML:Reference><edXML:ContentId>cid:{cid}</edXML:ContentId>"
        f"<edXML:AttachmentName>{name}</edXML:AttachmentName></edXML:Reference>"
    )


GOOD_ATTACHMENT = attachment(b64(zipped({"cong-van.pdf": PDF})))


def message(
    *,
    sender: str = "000.00.00.G22",
    to: str = "H26.101",
    document_id: str = "000.00.00.G22,2026/10/30,7816/VPCP-TTĐT",
    number: str = "7816",
    notation: str = "VPCP-TTĐT",
    date: str = "2026/10/30",
    business: str = "<edXML:BussinessDocType>0</edXML:BussinessDocType>",
    attachments: str = GOOD_ATTACHMENT,
    manifest: str | None = None,
    subject: str = "V/v triển khai Nghị định",
    more: str = "",
) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<edXML:edXML xmlns:edXML="{NAMESPACE}"><edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>
<edXML:From><edXML:OrganId>{sender}</edXML:OrganId><edXML:OrganName>Văn phòng Chính phủ</edXML:OrganName></edXML:From>
<edXML:To><edXML:OrganId>{to}</edXML:OrganId></edXML:To>
<edXML:DocumentId>{document_id}</edXML:DocumentId>
<edXML:Code><edXML:CodeNumber>{number}</edXML:CodeNumber><edXML:CodeNotation>{
        notation
    }</edXML:CodeNotation></edXML:Code>
<edXML:PromulgationInfo><edXML:PromulgationDate>{date}</edXML:PromulgationDate></edXML:PromulgationInfo>
<edXML:Subject>{subject}</edXML:Subject>
<edXML:SignerInfo><edXML:FullName>Trần Văn Sơn</edXML:FullName></edXML:SignerInfo>{more}
</edXML:MessageHeader><edXML:TraceHeaderList><edXML:Bussiness>{business}</edXML:Bussiness></edXML:TraceHeaderList>
</edXML:edXMLHeader><edXML:edXMLBody><edXML:edXMLManifest version="1.0">{
        (listed() if attachments else "") if manifest is None else manifest
    }</edXML:edXMLManifest></edXML:edXMLBody></edXML:edXMLEnvelope>
<edXML:AttachmentEncoded>{attachments}</edXML:AttachmentEncoded></edXML:edXML>
"""


def status(code: str = "03", *, sender: str = "000.00.00.G22", about: str = "H26.101,2026/10/30,12/UBND-VP") -> str:
    return f"""<?xml version="1.0"?>
<edXML:edXML xmlns:edXML="{NAMESPACE}"><edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>
<edXML:From><edXML:OrganId>{sender}</edXML:OrganId></edXML:From>
<edXML:ResponseFor><edXML:DocumentId>{about}</edXML:DocumentId></edXML:ResponseFor>
<edXML:StatusCode>{code}</edXML:StatusCode><edXML:Description>Đã xem</edXML:Description>
<edXML:Timestamp>2026/11/02 08:30:00</edXML:Timestamp></edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope>
</edXML:edXML>"""


def bomb() -> bytes:
    """A small zip that swells to 60 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.pdf", "w") as inside:
        for _ in range(60):
            inside.write(bytes(1024 * 1024))
    return made.getvalue()


def nested(depth: int) -> bytes:
    content = PDF
    name = "a.pdf"
    for n in range(depth):
        content, name = zipped({name: content}), f"lop-{n}.zip"
    return content


def overlapping() -> bytes:
    """A zip whose list names the same bytes two hundred times."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.txt", bytes(range(32, 127)) * 50)
        for n in range(1, 150):
            again = copy(archive.filelist[0])
            again.filename = again.orig_filename = f"{n}.txt"
            archive.filelist.append(again)
    return made.getvalue()


def laughs() -> str:
    """Entities of entities: ten lines that would be a billion."""
    lines = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return f"<?xml version='1.0'?><!DOCTYPE edXML [<!ENTITY l0 'ha'>{lines}]><edXML>&l9;</edXML>"


def encrypted() -> bytes:
    """A zip that says of its file that it is encrypted."""
    made = bytearray(zipped({"a.pdf": PDF}))
    made[6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def linked() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("a.pdf")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return made.getvalue()


def with_content(content: bytes) -> str:
    return message(attachments=attachment(b64(content)))


BAD: tuple[tuple[str, bytes], ...] = tuple(
    (name, text if isinstance(text, bytes) else text.encode())
    for name, text in (
        ("empty", ""),
        ("cut-short", message()[:1500]),
        ("not-xml", "Kính gửi: quý cơ quan"),
        ("not-xml", message().replace("</edXML:Subject>", "</edXML:Subjekt>")),
        ("not-edxml", "<rss><channel/></rss>"),
        ("encoding-unknown", message().replace("UTF-8", "VISCII-9")),
        (
            "doctype",
            message().replace(
                "<edXML:edXML ", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><edXML:edXML ', 1
            ),
        ),
        ("doctype", laughs()),
        ("doctype", "<!DOCTYPE edXML [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/x.dtd'> %p;]><edXML/>"),
        ("doctype", "<!DOCTYPE edXML SYSTEM 'http://127.0.0.1:1/x.dtd'><edXML/>"),
        ("not-xml", message(subject="&thu-tuong;")),
        ("not-xml", message().encode().replace("Văn".encode(), "Văn".encode("utf-16-le"))),
        ("encoding-unknown", message().replace("UTF-8", "UTF-16").encode()),
        ("encoding-unknown", message().replace("UTF-8", "Shift_JIS").encode()),
        ("not-xml", message().encode("utf-32")),
        ("too-deep", "<edXML>" * 100 + "</edXML>" * 100),
        ("too-many-elements", "<edXML>" + "<a/>" * 70_000 + "</edXML>"),
        ("text-too-long", message(subject="a" * 3_000)),
        ("text-too-long", "<edXML a='" + "a" * 6_000_000 + "'/>"),
        ("header-twice", message().replace("</edXML:MessageHeader>", "</edXML:MessageHeader><MessageHeader/>")),
        ("sender-missing", message(sender=" ")),
        ("sender-malformed", message(sender="UBND phường!")),
        ("receiver-missing", message(to="")),
        ("receiver-malformed", message(to="H26..101")),
        ("number-missing", message(number="", notation="", document_id="")),
        ("number-malformed", message(number="số 7816", document_id="")),
        ("number-contradicts", message(number="7817")),
        ("date-missing", message(date="", document_id="")),
        ("date-malformed", message(date="2026/13/45")),
        ("kind-unknown", message(business="<BussinessDocType>9</BussinessDocType>")),
        ("about-missing", message(business="<BussinessDocType>2</BussinessDocType>")),
        ("about-missing", message(business="<BussinessDocType>3</BussinessDocType>")),
        ("status-unknown", status("99")),
        ("status-about-missing", status(about="")),
        ("number-malformed", status(about="văn bản hôm qua")),
        ("attachment-missing", message(attachments="", manifest=listed())),
        ("attachment-twice", message(attachments=GOOD_ATTACHMENT * 2)),
        ("attachment-not-base64", message(attachments=attachment("đây không phải base64"))),
        ("attachment-not-base64", message(attachments=attachment("QUJD=QUJD"))),
        ("attachment-not-base64", message(attachments=attachment(b64(zipped({"a.pdf": PDF})).rstrip("=")[:-2]))),
        ("attachment-not-base64", message(attachments=attachment("QUJ\u200bD"))),
        ("attachment-not-base64", message(attachments=attachment("QUJD<a/>QUJD"))),
        ("attachment-empty", message(attachments=attachment(""))),
        ("zip-damaged", with_content(zipped({"a.pdf": PDF})[:-30])),
        ("zip-empty", with_content(zipped({}))),
        ("zip-encrypted", with_content(encrypted())),
        ("zip-bomb", with_content(bomb())),
        ("zip-bomb", with_content(overlapping())),
        ("zip-bomb", with_content(zipped({"trong.zip": bomb()}))),
        ("zip-damaged", with_content(zipped({"trong.zip": zipped({"a.pdf": PDF})[:-9]}))),
        ("zip-nested", with_content(nested(10))),
        ("zip-too-many", with_content(zipped({f"{n}.txt": b"a" for n in range(300)}))),
        ("zip-link", with_content(linked())),
        ("zip-same-name", with_content(zipped({"a.pdf": PDF, "A.PDF": PDF}))),
        ("file-name-path", with_content(zipped({"../../etc/cron.d/a.txt": b"a"}))),
        ("file-name-path", with_content(zipped({"..\\a.txt": b"a"}))),
        ("file-name-path", with_content(zipped({"/tmp/a.txt": b"a"}))),
        ("file-name-path", message(attachments=attachment(b64(PDF), "../a.pdf"), manifest="")),
        ("file-name-malformed", with_content(zipped({"con.txt": b"a"}))),
        ("file-kind-refused", with_content(zipped({"thu.pdf.exe": b"a"}))),
        ("file-kind-refused", with_content(zipped({"thu.pdf": b"MZ\x90\0"}))),
        ("file-content-mismatch", with_content(zipped({"thu.pdf": b"<html></html>"}))),
    )
)

"""Reading what real senders send, refusing by name what can't be taken in, and writing what can be read."""

import datetime
import io
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import msgspec
import pytest
from cryptography import x509
from hypothesis import strategies as some

from motcua.config.commandline import main
from motcua.documents import envelope, signatures, writing
from motcua.documents.archives import Unpacked
from motcua.documents.rules import fields
from motcua.documents.rules.faults import FAULT, Unreadable
from motcua.documents.rules.statuses import STATUSES, Kind, may_follow, standing
from motcua.documents.rules.values import Message, Organ, Reference, Replacement, Staff, Trace
from motcua.documents.signatures import Signer, Standing
from motcua.documents.tests import messages, support

NOW = support.NOW


def read(text: str | bytes, folder: Path, step: int = 1000) -> envelope.Envelope:
    data = text.encode() if isinstance(text, str) else text
    return envelope.read((data[at : at + step] for at in range(0, len(data), step)), folder)


@pytest.fixture(scope="module")
def signer() -> Signer:
    return support.signer()


def test_a_message_says_who_to_whom_and_which_document(tmp_path: Path) -> None:
    found = read(messages.message(), tmp_path)
    message = found.message
    assert (message.kind, message.sender.code, message.receivers[0].code) == (Kind.NEW, "000.00.00.G22", "H26.101")
    assert message.code == "7816/VPCP-TTĐT"
    assert message.reference == Reference("000.00.00.G22", datetime.date(2026, 10, 30), "7816/VPCP-TTĐT")
    assert [(file.name, file.path.read_bytes()) for file in found.files] == [("cong-van.pdf", messages.PDF)]
    assert message.remarks == ()


FORGIVEN = {
    "no prefixes": lambda text: text.replace("<edXML:", "<").replace("</edXML:", "</").replace("xmlns:edXML", "xmlns"),
    "another prefix": lambda text: text.replace("edXML:", "x:").replace("xmlns:edXML", "xmlns:x"),
    "a prefix that nobody declared": lambda text: text.replace(f' xmlns:edXML="{messages.NAMESPACE}"', ""),
    "small letters": lambda text: text.replace("MessageHeader", "messageheader").replace("OrganId", "organid"),
    "no document id": lambda text: text.replace("000.00.00.G22,2026/10/30,7816/VPCP-TTĐT", ""),
    "no code": lambda text: text.replace(">7816<", "><").replace(">VPCP-TTĐT<", "><"),
    "no date but in the id": lambda text: text.replace(">2026/10/30<", "><"),
    "a date with the day first": lambda text: text.replace(">2026/10/30<", ">30/10/2026<"),
    "an ISO date": lambda text: text.replace(">2026/10/30<", ">2026-10-30T00:00:00+07:00<"),
    "milliseconds": lambda text: text.replace(">2026/10/30<", ">1793293200000<"),
    "the right spelling of business": lambda text: text.replace("Bussiness", "Business"),
    "no kind of business": lambda text: text.replace("<edXML:BussinessDocType>0</edXML:BussinessDocType>", ""),
    "an identifier in small letters": lambda text: text.replace("H26.101", "h26.101"),
    "no list of attachments": lambda text: text.replace(messages.listed(), ""),
    "a file that is not zipped": lambda text: text.replace(
        messages.GOOD_ATTACHMENT, messages.attachment(messages.b64(messages.PDF))
    ),
    "base64 in lines": lambda text: text.replace("UEsDB", "UEs\r\n   DB"),
    "base64 without padding": lambda text: text.replace("=</edXML:ContentTransfer", "</edXML:ContentTransfer"),
    "UTF-16": lambda text: text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"),
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "noughts before the number": lambda text: text.replace(">7816<", ">07816<"),
    "an unknown priority": lambda text: text.replace(
        "</edXML:MessageHeader>", "<OtherInfo><Priority>9</Priority></OtherInfo></edXML:MessageHeader>"
    ),
}


@pytest.mark.parametrize("how", FORGIVEN)
def test_what_real_senders_do_is_forgiven(how: str, tmp_path: Path) -> None:
    text = FORGIVEN[how](messages.message())
    assert text != messages.message()
    found = read(text, tmp_path)
    assert found.message.reference == Reference("000.00.00.G22", datetime.date(2026, 10, 30), "7816/VPCP-TTĐT")
    assert found.message.promulgated_on == datetime.date(2026, 10, 30)
    assert found.message.receivers[0].code == "H26.101"
    assert [file.path.read_bytes() for file in found.files] == [messages.PDF]


@pytest.mark.parametrize(
    ("name", "data"), messages.BAD, ids=[f"{n}-{name}" for n, (name, _) in enumerate(messages.BAD)]
)
def test_a_bad_message_is_refused_by_name(name: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read(data, tmp_path, 64 * 1024)
    assert name in {fault.name for fault in caught.value.faults}
    assert all(fault.name in FAULT and fault.sentence for fault in caught.value.faults)


def test_all_faults_of_a_message_are_told_at_once(tmp_path: Path) -> None:
    text = messages.message(sender="", date="hôm qua", attachments=messages.attachment(messages.b64(messages.bomb())))
    with pytest.raises(Unreadable) as caught:
        read(text, tmp_path)
    assert {fault.name for fault in caught.value.faults} == {"sender-missing", "date-malformed", "zip-bomb"}


def test_nothing_leaves_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for _, data in messages.BAD:
        with pytest.raises(Unreadable):
            read(data, folder, 64 * 1024)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


GOOD = [messages.message(), messages.status(), messages.message(business="""<BussinessDocType>3</BussinessDocType>
<ReplacementInfoList><ReplacementInfo><DocumentId>000.00.00.G22,2026/10/01,7000/VPCP</DocumentId></ReplacementInfo>
</ReplacementInfoList>""")]  # fmt: skip


@hypothesis.settings(max_examples=120, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(some.data())
def test_a_fuzzed_message_is_read_or_refused_by_name_and_never_reads_otherwise(
    tmp_path: Path, data: some.DataObject
) -> None:
    text = bytearray(data.draw(some.sampled_from(GOOD)).encode())
    for _ in range(data.draw(some.integers(1, 4))):
        text = text or bytearray(b"<")
        at = data.draw(some.integers(0, len(text) - 1))
        match data.draw(some.integers(0, 4)):
            case 0:
                text[at] = data.draw(some.integers(0, 255))
            case 1:
                del text[at : at + data.draw(some.integers(1, 200))]
            case 2:
                text[at:at] = text[at : at + data.draw(some.integers(1, 200))]
            case 3:
                text[at:at] = data.draw(
                    some.sampled_from([b"<!DOCTYPE a>", b"&x;", b"<a>", b"]]>", b"\0", b"<![CDATA[", b"<To/>", b"\xff"])
                )
            case _:
                text = text[:at] or text
    try:
        found = read(bytes(text), tmp_path / "fuzz", 777)
    except Unreadable as error:
        named = [fault.name in FAULT for fault in error.faults]
        assert named.count(True) >= 1 and all(named), error  # noqa: PT017, PT018 - either outcome is one
        return
    message = found.message
    assert fields.read_organ(message.sender.code) == message.sender.code
    if message.kind is Kind.STATUS:
        assert message.about
        return
    assert message.receivers
    assert message.reference is not None
    assert fields.same_code(message.reference.code, message.code)
    written = io.BytesIO()
    writing.write(message, [], written)
    again = read(written.getvalue(), tmp_path / "again").message
    assert replace(again, remarks=(), files=()) == replace(message, remarks=(), files=())


ZIPS = (
    messages.zipped({"cong-van.pdf": messages.PDF}),
    messages.zipped({"phu-luc.zip": messages.zipped({"cong-van.pdf": messages.PDF}), "thu/cong-van.pdf": messages.PDF}),
)


@hypothesis.settings(max_examples=80, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(
    whole=some.sampled_from(ZIPS),
    changes=some.lists(some.tuples(some.integers(0, 3), some.integers(0, 700), some.binary(max_size=6)), max_size=4),
)
def test_a_fuzzed_zip_brings_what_was_put_in_or_is_refused_by_name(
    tmp_path: Path, whole: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    content = whole
    for how, place, more in changes:
        at = place % len(content) if content else 0
        match how:
            case 0:
                content = content[:at] + more + content[at + len(more) :]
            case 1:
                content = content[:at] + content[at + len(more) :]
            case 2:
                content = content[:at] + more + content[at:]
            case _:
                content = content[:at] + content[: len(more) * 9] + content[at:]
    folder = tmp_path / "zip"
    try:
        found = read(messages.with_content(content), folder)
    except Unreadable as error:
        assert all(fault.name in FAULT for fault in error.faults)  # noqa: PT017 - either outcome is one
        return
    for file in found.files:
        assert file.path.parent == folder
        assert not fields.name_fault(file.name)
        kept = file.path.read_bytes()
        assert kept in (messages.PDF, content) or kept.startswith(b"PK"), (
            "no other bytes pass for the ones that were sent"
        )


@hypothesis.settings(max_examples=60, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(some.binary(max_size=400))
def test_any_bytes_at_all_are_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data, tmp_path)


def whole() -> Message:
    on = datetime.date(2026, 11, 2)
    old = Reference("H26.101", datetime.date(2026, 10, 1), "3/UBND")
    return Message(
        kind=Kind.REPLACE,
        sender=Organ("H26.101", "UBND phường Ba Đình", "UBND", "25 Liễu Giai", "a@example.vn", "024", "025", "x"),
        receivers=(Organ("000.00.00.G22"), Organ("H26.102", "UBND phường Ngọc Hà")),
        reference=Reference("H26.101", on, "12/UBND-VP"),
        number="12", notation="UBND-VP", place="Hà Nội", promulgated_on=on, type_name="Công văn",
        subject="Về <việc> & @@0@@", content="Nội dung", signer="Lê A", signer_position="Chủ tịch",
        signer_competence="TM.",
        due_on=on, to_places=("Lưu: VT",), priority=3, sphere="trong ngành", copies=2, pages=4, appendixes=("PL 1",),
        answers=(old,), steering=2, traces=(Trace("H26.101", NOW),), about=(old,), reason="sai số liệu", paper=True,
        added=("H26.103",), removed=("H26.104",), replaces=(Replacement(old, ("H26.102",)),),
        staff=Staff("Văn phòng", "Lê B", "b@example.vn", "09"),
    )  # fmt: skip


def files(folder: Path, *contents: bytes) -> Iterator[Unpacked]:
    for n, content in enumerate(contents):
        path = folder / f"cong-van-{n}.pdf"
        path.write_bytes(content)
        yield Unpacked(path.name, path, len(content))


def written(folder: Path, signer: Signer | None = None, *contents: bytes) -> bytes:
    out = io.BytesIO()
    writing.write(whole(), list(files(folder, *(contents or (messages.PDF, messages.PDF + b"2")))), out, signer=signer)
    return out.getvalue()


def test_what_is_written_reads_the_same(tmp_path: Path) -> None:
    found = read(written(tmp_path), tmp_path / "read")
    assert replace(found.message, files=()) == whole()
    assert [file.path.read_bytes() for file in found.files] == [messages.PDF, messages.PDF + b"2"]
    assert found.message.remarks == ()


@pytest.mark.parametrize("code", [row.code for row in STATUSES])
def test_a_status_is_written_and_read_the_same(code: str, tmp_path: Path) -> None:
    about = (Reference("H26.101", datetime.date(2026, 10, 1), "3/UBND"),)
    said = Message(Kind.STATUS, Organ("H26.101"), (Organ("G22"),), about=about, status=code, description="vì", at=NOW)
    out = io.BytesIO()
    writing.write(said, [], out)
    assert read(out.getvalue(), tmp_path).message == said


def test_we_send_no_file_that_we_would_refuse(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"MZ")
    for name in ("a.pdf", "Công văn.pdf", "a" * 60 + ".pdf"):
        with pytest.raises(Unreadable):
            writing.write(whole(), [Unpacked(name, path, 2)], io.BytesIO())
    assert fields.plain_name("Công văn số 12 (bản cuối) " + "x" * 60 + ".PDF").startswith("cong-van-so-12-ban-cuoi")
    assert fields.is_plain(fields.plain_name("Công văn số 12 " + "x" * 60 + ".PDF"))


def checked(data: bytes, folder: Path, *trusted: x509.Certificate) -> Standing:
    path = folder / "message.edxml"
    path.write_bytes(data)
    return signatures.check(read(data, folder / "read"), path, trusted=trusted, now=NOW).standing


def test_a_signature_covers_the_document_and_its_files(signer: Signer, tmp_path: Path) -> None:
    data = written(tmp_path, signer)
    certificate = x509.load_pem_x509_certificate(signer.certificate.encode())
    assert checked(written(tmp_path), tmp_path) is Standing.NONE
    assert checked(data, tmp_path) is Standing.UNKNOWN
    assert checked(data, tmp_path, certificate) is Standing.TRUSTED
    assert checked(data.replace("Nội dung".encode(), "Nội  dung".encode()), tmp_path, certificate) is Standing.BROKEN
    other = written(tmp_path, None, messages.PDF, messages.PDF + b"3")
    start, mark = data.index(b"<edXML:AttachmentEncoded>"), other.index(b"<edXML:AttachmentEncoded>")
    assert checked(data[:start] + other[mark:], tmp_path, certificate) is Standing.BROKEN
    one_more = messages.attachment(messages.b64(messages.PDF), "them.pdf", "tep-9").encode()
    more = data.replace(b"</edXML:AttachmentEncoded>", one_more + b"</edXML:AttachmentEncoded>")
    assert checked(more, tmp_path, certificate) is Standing.PARTIAL


def test_statuses_come_in_their_order() -> None:
    log: list[str] = []
    for code in ("01", "03", "04", "05", "06"):
        assert may_follow(log, code), code
        log.append(code)
    assert not may_follow(log, "03")
    assert not may_follow(["01", "02"], "03")
    assert not may_follow(["01"], "15")
    assert may_follow(["01"], "13")
    assert may_follow(["01", "13"], "16")
    assert may_follow(["01", "13", "16"], "03")
    assert standing(["01", "13", "16"]) == "01"
    assert not may_follow(["01", "13"], "03")
    assert not may_follow(["01", "13", "15"], "03")


@pytest.mark.parametrize(
    "text", ["2026/02/30", "30/02/2026", "12/2026", "1/1/26", "0001/01/01", "9" * 13, "hôm nay", ""]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert fields.read_day(text) is None


def test_the_command_reads_saves_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.edxml"
    source.write_text(messages.message(), encoding="utf-8")
    bad = tmp_path / "b.edxml"
    bad.write_text(messages.message(sender=""), encoding="utf-8")

    def run(*words: str | Path) -> tuple[int, str, str]:
        status = main(["edxml", *map(str, words)])
        return status, *capsys.readouterr()

    status, shown, said = run("read", source, "--json", "--save", tmp_path / "out")
    assert (status, said) == (0, "")
    assert (tmp_path / "out" / "cong-van.pdf").read_bytes() == messages.PDF
    (tmp_path / "a.json").write_text(shown, encoding="utf-8")
    assert (
        run("write", tmp_path / "a.json", tmp_path / "c.edxml", "--attach", tmp_path / "out" / "cong-van.pdf")[0] == 0
    )
    again = msgspec.json.decode(run("read", tmp_path / "c.edxml", "--json")[1])
    assert {**again["message"], "files": 0} == {**msgspec.json.decode(shown)["message"], "files": 0}
    assert "7816/VPCP-TTĐT" in run("read", source)[1]
    status, _, said = run("read", bad)
    assert (status, "sender-missing" in said) == (1, True)


def test_fifty_megabytes_pass_without_standing_in_memory(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = 12 * 1024 * 1024  # as the bench does with 50 MB, smaller
    block = messages.b64(bytes(range(256)) * 3)

    def chunks() -> Iterator[bytes]:
        start, _, end = messages.message(attachments=messages.attachment("@@", "tep.bin")).partition("@@")
        yield start.replace("cong-van.pdf", "tep.bin").encode()
        for _ in range(size // 768):
            yield block.encode()
        yield end.encode()

    found = envelope.read(chunks(), tmp_path)
    assert found.files[0].size == size // 768 * 768
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024  # KB

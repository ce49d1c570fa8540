"""`motcua edxml`: read a message that an office sent, or write one. `motcua documents`: what needs an operator."""

import argparse
import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from motcua.documents import actions, envelope, organisations, queries, signatures, writing
from motcua.documents.archives import Unpacked
from motcua.documents.rules.faults import REMARKS, Unreadable
from motcua.documents.rules.statuses import KIND_WORDS, PRIORITIES, STATUS, Kind
from motcua.documents.rules.values import Message
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent


def _arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(metavar="read|write", required=True)
    read = words.add_parser("read", help="show what a message says")
    read.add_argument("file", type=Path)
    read.add_argument("--json", action="store_true", help="all of it as JSON")
    read.add_argument("--save", type=Path, metavar="FOLDER", help="put its files there")
    read.add_argument("--trust", type=Path, metavar="FOLDER", help="certificates that are trusted (PEM)")
    read.set_defaults(act=_read)
    write = words.add_parser("write", help="make a message from its description")
    write.add_argument("message", type=Path, help="JSON, as `motcua edxml read --json` shows a message")
    write.add_argument("file", type=Path, help="where to write it")
    write.add_argument("--attach", type=Path, action="append", default=[], metavar="FILE")
    write.add_argument("--key", type=Path, help="private key (PEM) to sign with")
    write.add_argument("--certificate", type=Path, help="its certificate (PEM)")
    write.set_defaults(act=_write)


def _run(asked: Arguments) -> int:
    return int(asked.act(asked))


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(envelope.CHUNK):
                yield piece
    except OSError as error:
        raise Permanent("file-unreadable", f"Không đọc được {path}: {error.strerror}.") from error


def _read(asked: Arguments) -> int:
    with TemporaryDirectory() as folder:
        try:
            found = envelope.read(_chunks(asked.file), Path(folder))
        except Unreadable as error:
            return _unreadable(error, as_json=asked.json)
        with asked.file.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        checked = signatures.check(
            found, asked.file, trusted=signatures.trusted_in(asked.trust or settings.TRUSTED), now=clock.now()
        )
        saved = {file.path: file.name for file in found.files}
        if asked.save:
            asked.save.mkdir(parents=True, exist_ok=True)
            for file in found.files:
                saved[file.path] = _free(asked.save, file.name)
                shutil.copyfile(file.path, asked.save / saved[file.path])
        if asked.json:
            shown: dict[str, Any] = {
                "readable": True,
                "message": found.message,
                "files": [{"name": saved[file.path], "size": file.size} for file in found.files],
                "signature": checked,
                "sha256": digest.hexdigest(),
            }
            print(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())
        else:
            print("\n".join(sentences(found, checked)))
    return 1 if checked.standing is signatures.Standing.BROKEN else 0


def _free(folder: Path, name: str) -> str:
    """A name that no file there has."""
    stem, dot, ending = name.rpartition(".")
    n, made = 1, name
    while (folder / made).exists():
        n += 1
        made = f"{stem} ({n}).{ending}" if dot else f"{name} ({n})"
    return made


def _unreadable(error: Unreadable, *, as_json: bool) -> int:
    if as_json:
        faults = [{"name": f.name, "at": f.at, "says": f.says} for f in error.faults]
        print(msgspec.json.format(msgspec.json.encode({"readable": False, "faults": faults}), indent=2).decode())
    else:
        print("Gói tin không đọc được; bên gửi sẽ nhận trạng thái 02 với lý do:", file=sys.stderr)
        for fault in error.faults:
            print(f"  {fault.name}: {fault.sentence}", file=sys.stderr)
    return 1


def sentences(found: envelope.Envelope, checked: signatures.Checked) -> Iterator[str]:
    """What a message says, line by line."""
    message = found.message
    yield f"Gói tin: {KIND_WORDS[message.kind]}"
    yield f"Từ: {message.sender.code} {message.sender.name}".rstrip()
    for receiver in message.receivers:
        yield f"Đến: {receiver.code} {receiver.name}".rstrip()
    if message.kind is Kind.STATUS:
        yield f"Trạng thái: {message.status} {STATUS[message.status].vi}"
        if message.description:
            yield f"Lý do: {message.description}"
    else:
        on = f" ngày {message.promulgated_on:%d/%m/%Y}" if message.promulgated_on else ""
        yield f"Văn bản: {message.type_name} số {message.code}{on}".replace("  ", " ")
        yield f"Trích yếu: {message.subject}"
        yield f"Người ký: {message.signer} ({message.signer_position})"
        yield f"Độ khẩn: {PRIORITIES[message.priority]}"
        if message.due_on:
            yield f"Hạn trả lời: {message.due_on:%d/%m/%Y}"
    for reference in message.about:
        yield f"Về văn bản: {reference.text}"
    if message.reason:
        yield f"Lý do: {message.reason}"
    for file in found.files:
        yield f"Tệp: {file.name} ({file.size:,} byte)"
    yield f"Chữ ký: {signatures.WORDS[checked.standing]}{f' – {checked.subject}' if checked.subject else ''}"
    for remark in message.remarks:
        yield f"Lưu ý: {REMARKS[remark]}"


def _write(asked: Arguments) -> int:
    try:
        given = msgspec.json.decode(asked.message.read_bytes())
        message = msgspec.convert(given.get("message", given), Message)
    except (OSError, msgspec.MsgspecError, AttributeError) as error:
        raise Permanent("message-malformed", f"Mô tả gói tin không đọc được: {error}.") from error
    signer = None
    if asked.key or asked.certificate:
        if not (asked.key and asked.certificate):
            raise Permanent("signer-unreadable", "Ký cần cả --key và --certificate.")
        signer = signatures.load_signer(asked.key, asked.certificate)
    files = [Unpacked(path.name, path, path.stat().st_size) for path in asked.attach if path.is_file()]
    if len(files) < len(asked.attach):
        raise Permanent("file-unreadable", "Một tệp đính kèm không có.")
    try:
        with asked.file.open("wb") as out:
            writing.write(message, files, out, signer=signer)
        with TemporaryDirectory() as folder:
            envelope.read(_chunks(asked.file), Path(folder))  # what we can't read ourselves, nobody else can
    except Unreadable as error:
        asked.file.unlink(missing_ok=True)
        return _unreadable(error, as_json=False)
    except ValueError as error:  # a character that XML has no way to say
        asked.file.unlink(missing_ok=True)
        raise Permanent("message-malformed", f"Mô tả gói tin có ký tự không ghi được: {error}.") from error
    return 0


def _look(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    words.add_parser("status", help="when the axis was asked and answered, and what waits for an operator")
    words.add_parser("problems", help="messages that can't be taken in and are for nobody here")
    settle = words.add_parser("settle", help="say that such messages were seen to; they are kept")
    settle.add_argument("id", type=UUID, nargs="+")
    words.add_parser("organisations", help="what is wrong in the axis's list of organisations")


def _documents(asked: Arguments) -> int:
    return _WORDS[asked.word](asked)


def _status(asked: Arguments) -> int:
    for one in queries.contacts():
        answered = f"{clock.local(one.answered_at):%Y-%m-%d %H:%M}" if one.answered_at else "never"
        print(f"{one.name}\tasked {clock.local(one.asked_at):%Y-%m-%d %H:%M}\tanswered {answered}\t{one.said}")
    stray, misfits = queries.stray(), organisations.count_misfits()
    print(f"{len(stray)} messages for nobody here, {misfits} wrong rows in the list of organisations")
    return 1 if stray else 0


def _problems(asked: Arguments) -> int:
    found = queries.stray()
    for one in found:
        faults = " ".join(fault.sentence for fault in one.faults)
        print(f"{one.id}\t{clock.local(one.at):%Y-%m-%d %H:%M}\t{one.sender or '-'}\t{one.reference or '-'}\t{faults}")
    return 1 if found else 0


def _settle(asked: Arguments) -> int:
    for packet in asked.id:
        actions.settle(packet=packet, scope=identity.SYSTEM, now=clock.now())
    return 0


def _organisations(asked: Arguments) -> int:
    after = 0
    while rows := organisations.misfits(after=after):
        for row in rows:
            names = (row.ours or "-", row.theirs or "-")
            print(row.place, row.code or "-", organisations.WRONG[row.why], *names, sep="\t")
        after = rows[-1].id
    return 0


_WORDS = {"status": _status, "problems": _problems, "settle": _settle, "organisations": _organisations}
COMMANDS: tuple[Command, ...] = (
    Command("documents", "See how the document axis is heard, and what needs an operator", _documents, _look),
    Command("edxml", "Read an official document as edXML, or write one", _run, _arguments, False),
)

"""Files out of the zips in which they travel, without trusting what the zip says of itself."""

import os
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from motcua.documents.rules import fields
from motcua.documents.rules.faults import Fault, Unreadable
from motcua.kernel.storage import Text

LIMIT = 50 * 1024 * 1024  # bytes of one file; Quyết định 161/2025/QĐ-UBND tỉnh Ninh Bình
MOST_ENTRIES = 200
LARGEST_LIST = 256 * 1024  # bytes of a zip's list of files
DEEPEST = 3  # zips in zips
SWELLS = 200  # times its size, beyond SWOLLEN bytes
SWOLLEN = 8 * 1024 * 1024
CHUNK = 256 * 1024
ZIP = b"PK\x03\x04"
END, END_SIZE = b"PK\x05\x06", 22
OFFICE = frozenset({"docx", "xlsx", "pptx", "odt", "ods"})
REFUSED = frozenset(
    {"exe", "dll", "scr", "com", "bat", "cmd", "msi", "msp", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta"}
    | {"jar", "lnk", "reg", "cpl", "pif", "sh", "apk", "iso"}
)
OLE = b"\xd0\xcf\x11\xe0"
BEGINS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "docx": (ZIP,), "xlsx": (ZIP,), "pptx": (ZIP,), "odt": (ZIP,), "ods": (ZIP,), "zip": (ZIP, b"PK\x05\x06"),
    "doc": (OLE, b"{\\rtf"), "xls": (OLE,), "ppt": (OLE,), "rtf": (b"{\\rtf",),
    "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",),
    "tif": (b"II*\0", b"MM\0*"), "tiff": (b"II*\0", b"MM\0*"), "rar": (b"Rar!",), "7z": (b"7z\xbc\xaf\x27\x1c",),
}  # fmt: skip
TEXTS = frozenset({"txt", "csv", "xml", "json", "edxml", "md"})
PROGRAMS = (b"MZ", b"\x7fELF", b"#!")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file that a message brings."""

    name: str
    path: Path
    size: int


def unpack(content: IO[bytes], place: Path, name: str, *, there: bool) -> tuple[list[Unpacked], list[str]]:
    """The files in an attachment, written at or beside this place, and what was forgiven. A file that isn't zipped is
    itself. `there`: the content stands at the place already."""
    head = content.read(1024)
    ending = _ending(name)
    if not head.startswith((ZIP, END)) or (ending in OFFICE and _is_office(content)):
        size = content.seek(0, os.SEEK_END)
        if size > LIMIT:
            raise Unreadable(Fault("attachment-too-large", name))
        _check_content(name, content)
        if not there:
            content.seek(0)
            with place.open("wb") as out:
                shutil.copyfileobj(content, out, CHUNK)
        return [Unpacked(name, place, size)], ["attachment-unzipped", *_long(name)]
    found: list[Unpacked] = []
    remarks: list[str] = []
    with _opened(content) as archive:
        for n, (inner, info) in enumerate(_entries(archive, content)):
            path = place.with_name(f"{place.name}-file-{n}")
            with path.open("w+b") as out:
                size = _copy(archive, info, out)
                if not size:
                    raise Unreadable(Fault("attachment-empty", inner))
                _check_content(inner, out)
                _check_inside(out, path, inner, 2)
            found.append(Unpacked(inner, path, size))
            remarks += _long(inner)
    if not found:
        raise Unreadable(Fault("zip-empty", name))
    return found, remarks


def check_file(name: str, path: Path) -> None:
    """Raise Unreadable where a file that we are to send would be refused by whoever reads as we do."""
    if not fields.is_plain(name):
        raise Unreadable(Fault("file-name-malformed", name))
    if path.stat().st_size > LIMIT:
        raise Unreadable(Fault("attachment-too-large", name))
    if not path.stat().st_size:
        raise Unreadable(Fault("attachment-empty", name))
    with path.open("rb") as file:
        _check_content(name, file)
        _check_inside(file, path, name, 2)


def _long(name: str) -> list[str]:
    return [] if fields.is_plain(name) else ["file-name-long"]


def _ending(name: str) -> str:
    return name.rpartition(".")[2].casefold() if "." in name else ""


def _is_office(file: IO[bytes]) -> bool:
    try:
        with _opened(file) as archive:
            names = archive.namelist()
    except Unreadable:
        return False
    return "[Content_Types].xml" in names or "mimetype" in names


def _check_list(file: IO[bytes]) -> None:
    """Refuse a zip whose list of files is too long to be read: its length stands at its end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END_SIZE - 65_535 - 20))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        raise Unreadable(Fault("zip-damaged"))
    entries, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries > MOST_ENTRIES or length > LARGEST_LIST or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise Unreadable(Fault("zip-too-many"))


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    _check_list(file)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
        raise Unreadable(Fault("zip-damaged")) from None


def _entries(archive: zipfile.ZipFile, file: IO[bytes]) -> list[tuple[str, zipfile.ZipInfo]]:
    """The files of a zip under their names; folders are left out."""
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise Unreadable(Fault("zip-too-many"))
    if sum(info.compress_size for info in infos) > file.seek(0, os.SEEK_END):
        raise Unreadable(Fault("zip-bomb"))  # its files lie on top of each other
    found: list[tuple[str, zipfile.ZipInfo]] = []
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Unreadable(Fault("zip-link", name[:80]))
        parts = name.rstrip("/").split("/")
        if info.flag_bits & 0x1:
            raise Unreadable(Fault("zip-encrypted", name[:80]))
        outward = name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")
        faults = {"file-name-path"} if outward else {fields.name_fault(part) for part in parts} - {""}
        if faults:
            raise Unreadable(Fault(min(faults), name[:80]))
        if info.is_dir():
            continue
        if info.file_size > LIMIT and info.file_size > SWELLS * max(info.compress_size, 1):
            raise Unreadable(Fault("zip-bomb", name[:80]))
        last = parts[-1]
        if last.casefold() in seen:
            raise Unreadable(Fault("zip-same-name", last[:80]))
        seen.add(last.casefold())
        found.append((last, info))
    return found


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, out: IO[bytes] | None) -> int:
    """Write out one file and give its true size; Unreadable where it swells or is damaged."""
    size = 0
    try:
        with archive.open(info) as source:
            while piece := source.read(CHUNK):
                size += len(piece)
                if size > SWOLLEN and size > SWELLS * max(info.compress_size, 1):
                    raise Unreadable(Fault("zip-bomb", info.filename[:80]))
                if size > LIMIT:
                    raise Unreadable(Fault("attachment-too-large", info.filename[:80]))
                if out is not None:
                    out.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        raise Unreadable(Fault("zip-damaged", info.filename[:80])) from None
    return size


def _check_inside(file: IO[bytes], path: Path, name: str, depth: int) -> None:
    """Look into a zip that is inside: no bomb, not too deep. What it holds is kept as it is."""
    file.seek(0)
    if file.read(4) != ZIP or _ending(name) in OFFICE:
        return
    if depth > DEEPEST:
        raise Unreadable(Fault("zip-nested", name[:80]))
    total = 0
    with _opened(file) as archive:
        for n, (inner, info) in enumerate(_entries(archive, file)):
            place = path.with_name(f"{path.name}-{n}")
            try:
                with place.open("w+b") as out:
                    total += _copy(archive, info, out)
                    if total > LIMIT:
                        raise Unreadable(Fault("zip-bomb", name[:80]))
                    _check_content(inner, out)
                    _check_inside(out, place, inner, depth + 1)
            finally:
                place.unlink(missing_ok=True)


def _check_content(name: str, file: IO[bytes]) -> None:
    """Refuse what can be run, and what is something else than its name says."""
    ending = _ending(name)
    file.seek(0)
    head = file.read(1024)
    if ending in REFUSED or head.startswith(PROGRAMS):
        raise Unreadable(Fault("file-kind-refused", name[:80]))
    begins = BEGINS.get(ending)
    if begins is not None:
        fits = any(mark in head if mark == b"%PDF-" else head.startswith(mark) for mark in begins)
    elif ending in TEXTS:
        text = Text()
        text.feed(head[:-4] if len(head) == 1024 and head[:3] == b"\xef\xbb\xbf" else head)
        fits = text.plausible or head[:2] in (b"\xff\xfe", b"\xfe\xff")
    else:
        fits = True
    if not fits:
        raise Unreadable(Fault("file-content-mismatch", name[:80]))

"""Files, named by what is in them: the same bytes are kept once, and a name can't come to mean other bytes."""

import codecs
import ctypes
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings

from motcua.kernel.errors import NotFound, Permanent, Transient

CHUNK = 256 * 1024
HEAD, TAIL = 1024, 128 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument"
BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
# The names inside an Office file stand uncompressed in the directory at its end.
INSIDE_ZIP = (
    (b"word/document.xml", f"{OFFICE}.wordprocessingml.document"),
    (b"xl/workbook.xml", f"{OFFICE}.spreadsheetml.sheet"),
)
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely kept. `size` in bytes; the type is told from the content, never from a name."""

    sha256: str
    size: int
    content_type: str


class Storage(Protocol):
    """Where files are kept. An object store is another class with these four."""

    def put(self, chunks: Iterable[bytes], limit: int, kinds: Collection[str] | None = None) -> Stored:
        """Keep a file of at most `limit` bytes; when this returns it survives a power cut."""

    def open(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a file, in chunks; NotFound if it isn't kept, Permanent at the end if it was damaged."""

    def exists(self, sha256: str) -> bool: ...

    def size(self, sha256: str) -> int:
        """Its length in bytes; NotFound if it isn't kept."""


class LocalStorage:
    """Files in a folder: a draft is written beside them, and gets its name only when it is whole and on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drafts = folder / "drafts"

    def put(self, chunks: Iterable[bytes], limit: int, kinds: Collection[str] | None = None) -> Stored:
        with _disk():
            self.drafts.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self.drafts)
        draft = Path(name)
        try:
            with os.fdopen(number, "wb", buffering=0) as file:
                stored = _write(chunks, limit, file)
            if kinds is not None and stored.content_type not in kinds:
                raise Permanent(
                    "file-kind-refused",
                    "Nội dung tệp không thuộc loại được nhận.",
                    mend="Gửi tệp PDF, ảnh PNG, JPEG, TIFF, hoặc DOCX, XLSX, XML, ZIP, văn bản thuần.",
                    status=415,
                )
            with _disk():
                _write_through(_name(draft, self._place(stored.sha256)))
        finally:
            draft.unlink(missing_ok=True)
        return stored

    @contextmanager
    def drafting(self) -> Iterator[Path]:
        """A folder for files that are to be kept together; what was not kept is gone afterwards."""
        with _disk():
            self.drafts.mkdir(parents=True, exist_ok=True)
            made = tempfile.TemporaryDirectory(dir=self.drafts)
        with made as name:
            yield Path(name)

    def keep(self, drafts: Sequence[Path]) -> list[str]:
        """Keep files that lie in such a folder; gives their SHA-256. When this returns all of them survive a power cut.

        Many cost hardly more than one: the disk is waited for twice, however many they are.
        """
        digests = []
        with _disk():
            for draft in drafts:
                draft.chmod(0o600)
                with draft.open("rb") as file:
                    digests.append(hashlib.file_digest(file, "sha256").hexdigest())
            _write_through(drafts)
            folders: set[Path] = set()
            for draft, sha256 in zip(drafts, digests, strict=True):
                folders |= _name(draft, self._place(sha256))
            _write_through(folders)
        return digests

    def open(self, sha256: str) -> Iterator[bytes]:
        self.size(sha256)
        return self._read(sha256)

    def place(self, sha256: str) -> Path:
        """Where a file lies, for a reader that needs a path; NotFound if it isn't kept."""
        self.size(sha256)
        return self._place(sha256)

    def exists(self, sha256: str) -> bool:
        return _is_name(sha256) and self._place(sha256).is_file()

    def size(self, sha256: str) -> int:
        if not self.exists(sha256):
            raise NotFound("file-unknown", "There is no file with this SHA-256.", mend="Upload the file first.")
        return self._place(sha256).stat().st_size

    def write_part(self, name: str, offset: int, chunk: bytes) -> None:
        """Keep one piece of a file that comes in pieces; the same piece again changes nothing."""
        with _disk():
            self.drafts.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.drafts / f"part-{name}", os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.ftruncate(descriptor, offset)
                rest = memoryview(chunk)
                while rest:
                    written = os.pwrite(descriptor, rest, offset)
                    offset, rest = offset + written, rest[written:]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def part(self, name: str) -> Iterator[bytes]:
        """The pieces that came so far, in order; nothing when they were swept up meanwhile."""
        place = self.drafts / f"part-{name}"
        if place.exists():
            with place.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk

    def part_size(self, name: str) -> int:
        """How many bytes of it have come."""
        place = self.drafts / f"part-{name}"
        return place.stat().st_size if place.exists() else 0

    def drop_part(self, name: str) -> None:
        """Forget the pieces of a file."""
        (self.drafts / f"part-{name}").unlink(missing_ok=True)

    def sweep(self, *, now: datetime) -> int:
        """Remove the drafts and pieces that nobody has written to for a day, and say how many."""
        old = [
            draft for draft in self.drafts.glob("*") if draft.stat().st_mtime < (now - timedelta(days=1)).timestamp()
        ]
        for draft in old:
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                draft.unlink(missing_ok=True)
        return len(old)

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def _read(self, sha256: str) -> Iterator[bytes]:
        digest = hashlib.sha256()
        with self._place(sha256).open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                yield chunk
        if digest.hexdigest() != sha256:
            raise Permanent("file-damaged", f"File {sha256} was damaged on the disk.", mend="Restore it from a backup.")


# What a paper may be, by its content. HTML counts as plain text: no browser is ever told to run it.
PAPERS = frozenset(
    {
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/xml",
        "application/zip",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "text/plain",
    }
)


def files() -> LocalStorage:
    """The storage of this installation: settings.STORAGE."""
    return LocalStorage(Path(settings.STORAGE))


def _is_name(sha256: str) -> bool:
    return len(sha256) == 64 and all(c in "0123456789abcdef" for c in sha256)


@contextmanager
def _disk() -> Iterator[None]:
    """Tell a failure of the disk as one; what the sender of the bytes raises goes through as it is."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise Transient(
            "storage-failing", f"The file could not be kept: {reason}.", mend="Free or mend the disk."
        ) from error


def _write(chunks: Iterable[bytes], limit: int, file: io.RawIOBase) -> Stored:
    """Write the chunks through to the disk, and tell what they are."""
    digest, size, head, tail, text = hashlib.sha256(), 0, b"", b"", Text()
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise Permanent(
                "file-too-large",
                f"The file is larger than {limit:,} bytes.",
                mend="Send a smaller file: scan at 300 dpi or split it.",
                status=413,
            )
        digest.update(chunk)
        head = (head + chunk[:HEAD])[:HEAD] if len(head) < HEAD else head
        tail = (tail + chunk[-TAIL:])[-TAIL:]
        text.feed(chunk)
        with _disk():
            rest = memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]
    if size == 0:
        raise Permanent("file-empty", "The file is empty.", mend="Choose the file again.")
    with _disk():
        os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size, content_type(head, tail, is_text=text.ends()))


def _name(draft: Path, place: Path) -> set[Path]:
    """Give a draft its name; gives the folders that have to be written through for it to stay."""
    try:
        draft.replace(place)
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(place)
        return {place.parent, place.parent.parent, place.parent.parent.parent}
    return {place.parent}


MANY = 4  # files and folders from which on one call for the whole disk costs less than one for each


def _write_through(paths: Collection[Path]) -> None:
    """What stands in these files and folders, which lie on one disk, is on it when this returns."""
    together = _whole_disk() if len(paths) >= MANY else None
    for path in list(paths)[:1] if together else paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if together is None:
                os.fsync(descriptor)
            elif together(descriptor):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        finally:
            os.close(descriptor)


def _whole_disk() -> Callable[[int], int] | None:
    """Linux's call that writes a whole file system through; None elsewhere."""
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    return found


class Text:
    """Whether bytes, fed piece by piece, are plain UTF-8 text."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.plausible = True

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        if not self.plausible:
            return
        try:
            text = self.decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self.plausible = False
            return
        self.plausible = not any((ord(c) < 32 and c not in "\t\n\r\f") or c == "\x7f" for c in set(text))

    def ends(self) -> bool:
        self.feed(b"", final=True)
        return self.plausible


def content_type(head: bytes, tail: bytes, *, is_text: bool) -> str:
    """The media type of a file with this beginning and end."""
    for beginning, found in BEGINNINGS:
        if head.startswith(beginning):
            return found
    if b"%PDF-" in head:
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return next((found for name, found in INSIDE_ZIP if name in tail), "application/zip")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml"):
        return "application/xml"
    return "text/plain" if is_text else UNKNOWN

"""Files, kept by what is in them."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.kernel import storage as kernel_storage
from motcua.kernel.errors import NotFound, Permanent, Transient
from motcua.kernel.storage import LocalStorage, Text, content_type

LIMIT = 1_000_000


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "files")


def kept(storage: LocalStorage) -> list[str]:
    """Every file below the folder, drafts too."""
    return sorted(path.name for path in storage.folder.rglob("*") if path.is_file())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.binary(max_size=300), max_size=6).filter(any))
def test_what_was_put_comes_back_under_its_digest_whatever_the_chunks(
    storage: LocalStorage, chunks: list[bytes]
) -> None:
    whole = b"".join(chunks)
    stored = storage.put(chunks, LIMIT)
    assert stored.sha256 == hashlib.sha256(whole).hexdigest()
    assert stored.size == len(whole) == storage.size(stored.sha256)
    assert storage.exists(stored.sha256)
    assert b"".join(storage.open(stored.sha256)) == whole
    assert storage.put([whole], LIMIT) == stored


def test_the_same_content_is_kept_once(storage: LocalStorage) -> None:
    first, second = storage.put([b"abc"], LIMIT), storage.put([b"a", b"bc"], LIMIT)
    assert first == second
    assert kept(storage) == [first.sha256]


def test_a_file_over_the_limit_is_refused_while_it_streams(storage: LocalStorage) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(100)

    with pytest.raises(Permanent, match="file-too-large") as refusal:
        storage.put(endless(), 1_000)
    assert refusal.value.status == 413
    assert taken == 11
    assert kept(storage) == []
    assert storage.put([bytes(1_000)], 1_000).size == 1_000


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
def test_an_empty_file_is_refused(storage: LocalStorage, chunks: list[bytes]) -> None:
    with pytest.raises(Permanent, match="file-empty"):
        storage.put(chunks, LIMIT)
    assert kept(storage) == []


def test_an_upload_that_breaks_off_leaves_nothing(storage: LocalStorage) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError("the caller went away")

    with pytest.raises(ConnectionResetError):
        storage.put(broken(), LIMIT)
    assert kept(storage) == []


def test_a_process_killed_in_the_middle_leaves_no_file_and_its_draft_is_swept(storage: LocalStorage) -> None:
    program = (
        "import sys; from pathlib import Path; from motcua.kernel.storage import LocalStorage\n"
        "def chunks():\n"
        "    yield b'half'\n"
        "    print('half', flush=True)\n"
        "    sys.stdin.read()\n"
        "LocalStorage(Path(sys.argv[1])).put(chunks(), 100)\n"
    )
    command = [sys.executable, "-c", program, str(storage.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)
    assert not storage.exists(hashlib.sha256(b"half").hexdigest())
    assert len(kept(storage)) == 1
    now = datetime.now(UTC)
    assert storage.sweep(now=now) == 0
    assert storage.sweep(now=now + timedelta(days=2)) == 1
    assert kept(storage) == []


def test_a_file_is_on_the_disk_before_it_has_its_name(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def told_fsync(number: int) -> None:
        events.append("fsync")
        fsync(number)

    def told_replace(self: Path, to: Path) -> Path:
        events.append("name")
        return replace(self, to)

    monkeypatch.setattr(os, "fsync", told_fsync)
    monkeypatch.setattr(Path, "replace", told_replace)
    storage.put([b"abc"], LIMIT)
    assert events[:2] == ["fsync", "name"]
    assert "fsync" in events[2:]


def drafted(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / str(n) for n, _ in enumerate(contents)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


@pytest.mark.parametrize("there_is_a_call_for_the_disk", [True, False])
def test_files_kept_together_are_on_the_disk_before_they_have_their_names(
    there_is_a_call_for_the_disk: bool, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    replace = Path.replace

    def told_replace(self: Path, to: Path) -> Path:
        named = replace(self, to)
        events.append("name")
        return named

    def disk(number: int) -> int:
        events.append("disk")
        return 0

    monkeypatch.setattr(kernel_storage, "_whole_disk", lambda: disk if there_is_a_call_for_the_disk else None)
    monkeypatch.setattr(os, "fsync", lambda number: events.append("fsync"))
    monkeypatch.setattr(Path, "replace", told_replace)
    contents = [b"%d" % n for n in range(9)] + [b"0"]
    with storage.drafting() as folder:
        names = storage.keep(drafted(folder, *contents))
    assert [b"".join(storage.open(name)) for name in names] == contents
    assert kept(storage) == sorted(set(names))
    if there_is_a_call_for_the_disk:
        assert events == ["disk", *["name"] * 10, "disk"]
    else:
        assert events[:10] == ["fsync"] * 10
        assert events[10:20] == ["name"] * 10
        assert len(events) > 20
        assert set(events[20:]) == {"fsync"}


def test_what_the_disk_refuses_is_not_kept_under_a_name(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_storage, "_whole_disk", lambda: lambda number: -1)
    with storage.drafting() as folder, pytest.raises(Transient):
        storage.keep(drafted(folder, *[b"%d" % n for n in range(9)]))
    assert kept(storage) == []


def test_a_folder_of_drafts_left_by_a_killed_process_is_swept(storage: LocalStorage) -> None:
    drafted_at = storage.drafts / "left"
    drafted_at.mkdir(parents=True)
    drafted(drafted_at, b"abc")
    assert storage.sweep(now=datetime.now(UTC) + timedelta(days=2)) == 1
    assert kept(storage) == []


def test_a_full_disk_is_told_as_something_to_repeat(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Transient, match="No space left"):
        storage.put([b"abc"], LIMIT)
    assert kept(storage) == []


def test_a_file_damaged_on_the_disk_is_noticed_when_read_and_healed_when_put_again(storage: LocalStorage) -> None:
    name = storage.put([b"abc"], LIMIT).sha256
    next(storage.folder.rglob(name)).write_bytes(b"abd")
    with pytest.raises(Permanent, match="file-damaged"):
        list(storage.open(name))
    storage.put([b"abc"], LIMIT)
    assert list(storage.open(name)) == [b"abc"]


@pytest.mark.parametrize("name", ["", "a" * 64, "../../../etc/passwd", "A" * 64, "a" * 63 + "/", "٣" * 64])
def test_a_name_that_is_no_known_digest_is_not_found(storage: LocalStorage, name: str) -> None:
    assert not storage.exists(name)
    for ask in (storage.open, storage.size):
        with pytest.raises(NotFound, match="file-unknown"):
            ask(name)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 5_000)
    return buffer.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"MM\0*\0\0\0\x08", "image/tiff"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><a/>", "application/xml"),
        (zipped("[Content_Types].xml", "word/document.xml"), f"{OFFICE}.wordprocessingml.document"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
        (zipped("a.txt"), "application/zip"),
        ("Cộng hòa xã hội chủ nghĩa Việt Nam\n".encode(), "text/plain"),
        (b"<html><script>alert(1)</script></html>", "text/plain"),
        (b"MZ\x90\0\x03", "application/octet-stream"),
        (b"\x7fELF\x02", "application/octet-stream"),
        ("Cộng hòa".encode()[:3], "application/octet-stream"),
        (b"text with \0 inside", "application/octet-stream"),
    ],
)
def test_the_type_is_told_from_the_content(storage: LocalStorage, content: bytes, expected: str) -> None:
    assert storage.put([content[i : i + 7] for i in range(0, len(content), 7)], LIMIT).content_type == expected
    assert storage.put([content], LIMIT).content_type == expected


@given(st.text(max_size=50), st.integers(1, 5))
def test_text_is_text_however_its_letters_are_cut(text: str, size: int) -> None:
    whole = text.encode("utf-8", "surrogatepass")
    told = Text()
    for start in range(0, len(whole), size):
        told.feed(whole[start : start + size])
    plain = not any("\ud800" <= c <= "\udfff" or c == "\x7f" or (c < " " and c not in "\t\n\r\f") for c in text)
    assert told.ends() == plain


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_bytes_have_a_type(head: bytes, tail: bytes) -> None:
    assert "/" in content_type(head, tail, is_text=False)

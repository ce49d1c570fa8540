"""What a citizen does with a draft: begin, fill in, bring files, file, drop. Each checks whose draft it is."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.errors import Conflict, Failure, NotAllowed, NotFound, Permanent
from motcua.kernel.ids import uuid7
from motcua.portal.models import Draft, Upload
from motcua.portal.queries import DraftRow, UploadRow, row_of, unknown, upload_row
from motcua.portal.rules import DRAFTS, FILES, KEEP_DRAFT, TOTAL


def begin_draft(*, scope: identity.Scope, procedure: str, area: str, reception: str, now: datetime) -> DraftRow:
    """A new draft of the person; Permanent when too many lie open."""
    if scope.party is None:
        raise NotAllowed("nobody-signed-in", "Chưa đăng nhập.")
    if Draft.objects.filter(party=scope.party, code="", expires_at__gt=now).count() >= DRAFTS:
        raise Permanent(
            "too-many-drafts", f"Ông/bà đang có {DRAFTS} bản nháp.", mend="Nộp hoặc bỏ bớt bản nháp rồi làm tiếp."
        )
    draft = Draft.objects.create(
        id=uuid7(int(now.timestamp() * 1000)),
        party=scope.party,
        procedure=procedure,
        area=area,
        reception=reception,
        case="",
        content={},
        done=["noi-o"],
        began_at=now,
        changed_at=now,
        expires_at=_expiry(now),
        code="",
    )
    return row_of(draft)


def change_draft(
    *,
    draft: UUID,
    scope: identity.Scope,
    now: datetime,
    fields: Mapping[str, Any] | None = None,
    done: str = "",
    undone: str = "",
    **places: str,
) -> DraftRow:
    """Keep what was typed: `fields` of the form (None takes one out), `area`, `reception`, `case`; mark a step."""
    with transaction.atomic():
        row = _open(draft, scope)
        for name, value in places.items():
            if name not in ("area", "reception", "case"):
                raise TypeError(name)
            setattr(row, name, value)
        if fields:
            row.content = {name: value for name, value in (row.content | dict(fields)).items() if value is not None}
        row.done = [step for step in row.done if step not in (done, undone)] + ([done] if done else [])
        row.changed_at, row.expires_at = now, _expiry(now)
        row.save()
    return row_of(row)


def drop_draft(*, draft: UUID, scope: identity.Scope) -> None:
    """Bỏ bản nháp, with its files that are not in any dossier."""
    with transaction.atomic():
        row = _open(draft, scope)
        coming = list(Upload.objects.filter(draft=row, sha256="").values_list("id", flat=True))
        row.delete()
    for upload in coming:
        storage.files().drop_part(upload.hex)


def begin_upload(
    *, draft: UUID, scope: identity.Scope, component: str, name: str, size: int, now: datetime
) -> UploadRow:
    """A file is about to come in pieces. The same file of the same paper that was cut off before goes on."""
    _bounded(size)
    with transaction.atomic():
        row = _open(draft, scope)
        known = Upload.objects.filter(draft=row, component=component, name=name, size=size, sha256="").first()
        if known is not None:
            _as_on_disk(known)
            return upload_row(known)
        _room(row, size)
        return upload_row(
            Upload.objects.create(draft=row, component=component, name=name, size=size, offset=0, began_at=now)
        )


def receive_chunk(*, upload: UUID, scope: identity.Scope, offset: int, chunk: bytes) -> UploadRow:
    """Take one piece. A piece that is not the next one is a Conflict that says where to go on."""
    with transaction.atomic():
        row = _upload(upload, scope)
        if row.sha256:
            return upload_row(row)
        _as_on_disk(row)
        if offset != row.offset or not chunk:
            raise Conflict("other-offset", "Phần này không nối tiếp phần đã nhận.", offset=row.offset)
        if offset + len(chunk) > row.size:
            raise Permanent("file-too-long", "Tệp dài hơn kích thước đã báo.", mend="Chọn lại tệp.")
        storage.files().write_part(row.id.hex, offset, chunk)
        row.offset = offset + len(chunk)
        row.save(update_fields=["offset"])
    if row.offset == row.size:
        return _finish(upload, scope)
    return upload_row(row)


def keep_file(
    *, draft: UUID, scope: identity.Scope, component: str, name: str, size: int, chunks: Iterable[bytes], now: datetime
) -> UploadRow:
    """A whole file in one go, as browsers without scripts send it."""
    _bounded(size)
    with transaction.atomic():
        row = _open(draft, scope)
        _room(row, size)
        stored = storage.files().put(chunks, settings.UPLOAD_LIMIT, storage.PAPERS)
        return upload_row(
            Upload.objects.create(
                draft=row,
                component=component,
                name=name,
                size=stored.size,
                offset=stored.size,
                content_type=stored.content_type,
                sha256=stored.sha256,
                began_at=now,
            )
        )


def reuse_file(
    *, draft: UUID, scope: identity.Scope, component: str, code: str, sha256: str, name: str, now: datetime
) -> UploadRow:
    """Dùng lại giấy tờ đã có: a file of one of the person's own dossiers, without sending it again."""
    paper = dossiers.file_of(code, sha256, scope=scope)
    with transaction.atomic():
        row = _open(draft, scope)
        size = storage.files().size(sha256)
        _room(row, size)
        known = Upload.objects.filter(draft=row, component=component, sha256=sha256).first()
        return upload_row(
            known
            or Upload.objects.create(
                draft=row,
                component=component,
                name=name or paper.name,
                size=size,
                offset=size,
                content_type=storage.UNKNOWN,
                sha256=sha256,
                began_at=now,
            )
        )


def drop_upload(*, upload: UUID, scope: identity.Scope) -> None:
    """Bỏ một tệp khỏi bản nháp."""
    with transaction.atomic():
        row = _upload(upload, scope)
        row.delete()
    storage.files().drop_part(upload.hex)


def file_draft(
    *,
    draft: UUID,
    scope: identity.Scope,
    application_of: Callable[[DraftRow, tuple[UploadRow, ...]], dossiers.Application],
    now: datetime,
) -> str:
    """Nộp hồ sơ: make one dossier of the draft and close it, in one transaction; gives the dossier's code.

    The draft is locked meanwhile: a double click waits and gets the same code, and so does every later try.
    """
    with transaction.atomic():
        row = Draft.objects.select_for_update().filter(id=draft, party=scope.party).first() if scope.party else None
        if row is None:
            raise unknown()
        if row.code:
            return row.code
        uploads = tuple(
            upload_row(found)
            for found in Upload.objects.filter(draft=row).exclude(sha256="").order_by("began_at", "id")
        )
        application = application_of(row_of(row), uploads)
        key = f"portal:{row.id}"
        filing = dossiers.prepare(application, key=key, digest=dossiers.digest_of(key.encode()), scope=scope, now=now)
        (receipt,) = dossiers.file([filing])
        if isinstance(receipt, Failure):
            raise receipt
        row.code, row.changed_at = receipt.code, now
        row.save(update_fields=["code", "changed_at"])
    return receipt.code


def forget_expired(*, now: datetime, limit: int = 500) -> int:
    """Delete the drafts whose time is over, with their files' rows; how many."""
    expired = list(Draft.objects.filter(expires_at__lte=now).values_list("id", flat=True)[:limit])
    coming = list(Upload.objects.filter(draft__in=expired, sha256="").values_list("id", flat=True))
    Draft.objects.filter(id__in=expired).delete()
    for upload in coming:
        storage.files().drop_part(upload.hex)
    return len(expired)


def _expiry(now: datetime) -> datetime:
    return now + timedelta(days=float(KEEP_DRAFT.term.value))


def _open(draft: UUID, scope: identity.Scope) -> Draft:
    """The draft, locked; NotFound unless it is the caller's, Conflict once it was filed."""
    row = Draft.objects.select_for_update().filter(id=draft, party=scope.party).first() if scope.party else None
    if row is None:
        raise unknown()
    if row.code:
        raise Conflict("draft-filed", "Bản nháp này đã nộp.", mend="Xem biên nhận.", code=row.code)
    return row


def _upload(upload: UUID, scope: identity.Scope) -> Upload:
    """The file, locked; NotFound unless its draft is the caller's and open."""
    row = (
        Upload.objects.select_for_update(of=("self",))
        .filter(id=upload, draft__party=scope.party, draft__code="")
        .first()
        if scope.party
        else None
    )
    if row is None:
        raise NotFound("upload-unknown", "Không có tệp này trong bản nháp của ông/bà.")
    return row


def _finish(upload: UUID, scope: identity.Scope) -> UploadRow:
    """All pieces are there: keep the file under its digest, or forget it when it is not one of the kinds."""
    files = storage.files()
    try:
        with transaction.atomic():
            row = _upload(upload, scope)
            if not row.sha256:
                stored = files.put(files.part(row.id.hex), settings.UPLOAD_LIMIT, storage.PAPERS)
                row.sha256, row.content_type, row.size, row.offset = (
                    stored.sha256, stored.content_type, stored.size, stored.size,
                )  # fmt: skip
                row.save()
    except Permanent:
        Upload.objects.filter(id=upload, sha256="").delete()
        files.drop_part(upload.hex)
        raise
    files.drop_part(upload.hex)
    return upload_row(row)


def _as_on_disk(row: Upload) -> None:
    """Pieces that were swept up meanwhile have to come again."""
    if storage.files().part_size(row.id.hex) < row.offset:
        Upload.objects.filter(id=row.id).update(offset=0)
        row.offset = 0


def _bounded(size: int) -> None:
    if size < 1:
        raise Permanent("file-empty", "Tệp này trống.", mend="Chọn lại tệp.")
    if size > settings.UPLOAD_LIMIT:
        raise Permanent(
            "file-too-large",
            f"Tệp lớn hơn {settings.UPLOAD_LIMIT // 1024 // 1024} MB.",
            mend="Chụp hoặc quét lại với độ phân giải thấp hơn, hoặc tách thành nhiều tệp.",
            status=413,
        )


def _room(draft: Draft, size: int) -> None:
    held = Upload.objects.filter(draft=draft)
    total = held.aggregate(total=Sum(F("size")))["total"] or 0
    if held.count() >= FILES or total + size > TOTAL:
        raise Permanent(
            "draft-full",
            f"Một hồ sơ nhận tối đa {FILES} tệp và {TOTAL // 1024 // 1024} MB.",
            mend="Bỏ bớt tệp, hoặc chụp lại với độ phân giải thấp hơn.",
            status=413,
        )

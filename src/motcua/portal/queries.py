"""Drafts and their files, for the person whose they are and nobody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from motcua.identity import api as identity
from motcua.kernel.errors import NotFound
from motcua.portal.models import Draft, Upload
from motcua.procedures import api as procedures

LISTED = 50


@dataclass(frozen=True, slots=True)
class DraftRow:
    """Bản nháp. `code` is the dossier that it became, "" while it is open; `done` names the finished steps."""

    id: UUID
    procedure: str
    procedure_name: str
    area: str
    reception: str
    case: str
    content: dict[str, Any]
    done: tuple[str, ...]
    began_at: datetime
    changed_at: datetime
    expires_at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class UploadRow:
    """Tệp của bản nháp; it is whole and kept once it has a `sha256`."""

    id: UUID
    draft: UUID
    component: str
    name: str
    size: int
    offset: int
    content_type: str
    sha256: str


def drafts_of(scope: identity.Scope) -> tuple[DraftRow, ...]:
    """The open drafts of the person, the last changed first; none for anybody who is no applicant."""
    if scope.party is None:
        return ()
    found = Draft.objects.filter(party=scope.party, code="", expires_at__gt=Now()).order_by("-changed_at")
    return tuple(row_of(draft) for draft in found[:LISTED])


def draft_of(draft: UUID, *, scope: identity.Scope) -> DraftRow:
    """One draft of the person, open or filed; NotFound for anybody else."""
    found = Draft.objects.filter(id=draft, party=scope.party, expires_at__gt=Now()).first() if scope.party else None
    if found is None:
        raise unknown()
    return row_of(found)


def uploads_of(draft: UUID, *, scope: identity.Scope) -> tuple[UploadRow, ...]:
    """The files of a draft in the order they were begun, whole ones and those still coming."""
    if scope.party is None:
        return ()
    found = Upload.objects.filter(draft_id=draft, draft__party=scope.party).order_by("began_at", "id")
    return tuple(upload_row(upload) for upload in found)


def upload_of(upload: UUID, *, scope: identity.Scope) -> UploadRow:
    """One file of one of the person's drafts; NotFound for anybody else."""
    found = Upload.objects.filter(id=upload, draft__party=scope.party).first() if scope.party else None
    if found is None:
        raise NotFound("upload-unknown", "Không có tệp này trong bản nháp của ông/bà.")
    return upload_row(found)


def unknown() -> NotFound:
    """The same answer whether there is no such draft or it is another's."""
    return NotFound("draft-unknown", "Không tìm thấy bản nháp này.", mend="Bắt đầu lại từ trang thủ tục.")


def row_of(draft: Draft) -> DraftRow:
    versions = procedures.catalogue().history(draft.procedure)
    return DraftRow(
        id=draft.id,
        procedure=draft.procedure,
        procedure_name=versions[0].name if versions else draft.procedure,
        area=draft.area,
        reception=draft.reception,
        case=draft.case,
        content=draft.content,
        done=tuple(draft.done),
        began_at=draft.began_at,
        changed_at=draft.changed_at,
        expires_at=draft.expires_at,
        code=draft.code,
    )


def upload_row(upload: Upload) -> UploadRow:
    return UploadRow(
        id=upload.id,
        draft=upload.draft_id,
        component=upload.component,
        name=upload.name,
        size=upload.size,
        offset=upload.offset,
        content_type=upload.content_type,
        sha256=upload.sha256,
    )

"""The sheet on the counter: what is typed, ticked and attached so far, kept from one answer to the next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from motcua.desk.counter import declaration
from motcua.kernel import storage
from motcua.kernel.errors import Permanent
from motcua.procedures import api as procedures

# What can be typed besides papers and declaration, and how long it may be; a card's QR has to fit wherever it lands.
LONGEST = {
    "procedure": 700, "case": 80, "channel": 10, "kind": 12, "number": 700, "name": 700, "birth_date": 700,
    "phone": 700, "email": 700, "address": 700, "area": 700, "area_code": 40, "area_pick": 40, "pick": 40,
    "looked": 40, "of": 40, "known_name": 200, "reason": 4000, "proxy_name": 300, "proxy_number": 20,
    "proxy_phone": 40, "proxy_address": 300, "proxy_document": 300, "delivery": 10, "delivery_place": 300,
}  # fmt: skip
OF_PERSON = ("name", "birth_date", "phone", "email", "address")
FORMS = ("original", "copy", "electronic")
OTHERS = 20  # papers beyond the list
KEPT_FOR = 24 * 3600  # seconds in which a file that was sent may be filed


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is safely in the storage but in no dossier yet; `token` brings it back with the next request."""

    sha256: str
    name: str
    size: int
    token: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper on the sheet: whether it is here, as what, how many, and its files."""

    id: str
    key: str
    name: str
    required: bool
    shown: bool
    here: bool
    form: str
    quantity: str
    originals: int = 0
    copies: int = 0
    files: tuple[Kept, ...] = ()


@dataclass(slots=True)
class Sheet:
    """`origins`: for a field that was filled in, where from ("card", "register") and with what."""

    typed: dict[str, str]
    key: str
    form: dict[str, str] = field(default_factory=dict)
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: dict[str, tuple[Kept, ...]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def came_from(self, name: str) -> str:
        """Where the value of a field was filled in from, while it is still that value."""
        source, value = self.origins.get(name, ("", ""))
        return source if value and value == self.typed.get(name) else ""

    def fill(self, source: str, values: Mapping[str, str], *, over: bool) -> None:
        """Fill in fields; what was typed by hand stays unless `over`."""
        for name, value in values.items():
            if value and (over or not self.typed[name]):
                self.typed[name] = value
                self.origins[name] = (source, value)

    def forget_person(self) -> None:
        """Empty what was filled in for somebody else."""
        for name in OF_PERSON:
            if self.came_from(name):
                self.typed[name] = ""
        self.origins.clear()
        self.typed["area"] = self.typed["area_code"] = self.typed["known_name"] = ""

    def forget_papers(self) -> None:
        """Drop papers and declaration: another procedure asks for others."""
        self.form.clear()
        self.files.clear()

    @property
    def origins_written(self) -> str:
        return json.dumps(self.origins, ensure_ascii=False)


def blank() -> Sheet:
    typed = dict.fromkeys(LONGEST, "")
    return Sheet(typed | {"channel": "counter", "kind": "citizen", "delivery": "counter"}, uuid4().hex)


def read(request: HttpRequest) -> Sheet:
    """The sheet that was posted; its new files are kept before anything else is looked at."""
    posted = request.POST
    sheet = blank()
    for name, longest in LONGEST.items():
        sheet.typed[name] = _clean(posted.get(name, sheet.typed[name]), many_lines=name == "reason")[:longest]
    if sheet.typed["channel"] not in ("counter", "post", "assisted"):
        sheet.typed["channel"] = "counter"
    if sheet.typed["delivery"] not in ("counter", "post", "online"):
        sheet.typed["delivery"] = "counter"
    if sheet.typed["kind"] not in ("citizen", "organisation"):
        sheet.typed["kind"] = "citizen"
    key = posted.get("key", "")
    if key.isalnum() and key.isascii() and len(key) == 32:
        sheet.key = key
    sheet.form = {name: _clean(posted[name], many_lines=True)[:10_000] for name in posted if name[:2] in FORM_PARTS}
    sheet.origins = _origins(posted.get("origins", ""))
    _keep_files(sheet, request, posted)
    return sheet


FORM_PARTS = ("p.", "o.", declaration.PREFIX)


def _clean(text: str, *, many_lines: bool = False) -> str:
    return "".join(c for c in text if c.isprintable() or (many_lines and c in "\r\n")).strip()


def _origins(text: str) -> dict[str, tuple[str, str]]:
    try:
        found = json.loads(text or "{}")
        return {name: (source, str(value)) for name, (source, value) in found.items() if source in ("card", "register")}
    except (ValueError, TypeError, AttributeError):
        return {}


def _salt(request: HttpRequest) -> str:
    return f"counter:{request.user.pk}"


def _keep_files(sheet: Sheet, request: HttpRequest, posted: QueryDict) -> None:
    """Those that came earlier by their tokens, which only this official can use, and the new ones."""
    for name in posted:
        if name[:2] in FORM_PARTS and name.endswith(".kept"):
            tokens = posted.getlist(name)[:50]
            sheet.files[name.removesuffix(".kept")] = tuple(
                kept for token in tokens if (kept := _opened(token, _salt(request)))
            )
    for name in request.FILES:
        if name[:2] not in FORM_PARTS or not name.endswith(".files"):
            continue
        paper = name.removesuffix(".files")
        for upload in request.FILES.getlist(name)[:50]:
            try:
                kept = _stored(upload, _salt(request))
            except Permanent as failure:
                said = {
                    "file-kind-refused": _(
                        "Tệp “%(name)s” không thuộc loại được nhận: gửi PDF, ảnh PNG, JPEG, TIFF, hoặc DOCX, XLSX."
                    ),
                    "file-empty": _("Tệp “%(name)s” không có nội dung."),
                    "file-too-large": _("Tệp “%(name)s” lớn quá mức được nhận."),
                }
                sheet.errors[name] = said.get(failure.problem, failure.detail) % {"name": upload.name or ""}
                continue
            known = sheet.files.get(paper, ())
            if kept.sha256 not in {one.sha256 for one in known}:
                sheet.files[paper] = (*known, kept)


def _stored(upload: "UploadedFile[Any]", salt: str) -> Kept:
    stored = storage.files().put(upload.chunks(), settings.UPLOAD_LIMIT, storage.PAPERS)
    name = _clean(upload.name or "")[-80:] or stored.sha256[:12]
    return Kept(stored.sha256, name, stored.size, signing.dumps([stored.sha256, name, stored.size], salt=salt))


def _opened(token: str, salt: str) -> Kept | None:
    try:
        sha256, name, size = signing.loads(token, salt=salt, max_age=KEPT_FOR)
    except (signing.BadSignature, ValueError):
        return None
    return Kept(sha256, name, size, token)


def paper_lines(sheet: Sheet, version: procedures.Version | None, case: str) -> list[PaperLine]:
    """The papers of the case, what is required first, and after them those beyond the list with one empty line."""
    lines = []
    listed = version.components if version else ()
    for component in sorted((c for c in listed if c.case in ("", case)), key=lambda c: not c.required):
        usual = "copy" if component.copies and not component.originals else "original"
        number = component.copies if usual == "copy" else component.originals
        lines.append(
            _line(sheet, f"p.{component.key}", component.key, component.name, usual, number or 1,
                  required=component.required, shown=component.shown, originals=component.originals,
                  copies=component.copies)
        )  # fmt: skip
    beyond = []
    for i in range(OTHERS):
        name = sheet.form.get(f"o.{i}.name", "")
        line = _line(sheet, f"o.{i}", "", name, "original", 1)
        if name or line.files:
            beyond.append(line)
        elif version is not None:
            beyond.append(line)
            break
    return lines + beyond


def _line(
    sheet: Sheet, id: str, key: str, name: str, usual: str, number: int, *, required: bool = False,
    shown: bool = False, originals: int = 0, copies: int = 0,
) -> PaperLine:  # fmt: skip
    files = sheet.files.get(id, ())
    form = sheet.form.get(f"{id}.form", usual)
    return PaperLine(
        id=id,
        key=key,
        name=name,
        required=required,
        shown=shown,
        here=id in sheet.form or bool(files) or (not key and bool(name)),
        form=form if form in FORMS else usual,
        quantity=sheet.form.get(f"{id}.quantity", str(number)),
        originals=originals,
        copies=copies,
        files=files,
    )

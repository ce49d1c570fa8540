"""From what a citizen filed on the national portal to an application here.

How the portal hands such dossiers over was not found in a source: the fields are those of DongBoHoSoMC and of the
ministries' service (reference 2.2, 2.3), and the call that lists them is assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from motcua.kernel.errors import Permanent

KINDS = {"1": "citizen", "2": "organisation", "3": "organisation", "4": "organisation"}
DELIVERIES = {"0": "counter", "1": "post"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the portal keeps for the dossier, and the component that it is for."""

    component: str
    name: str
    address: str


def readable(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item without signs that no database keeps."""
    return {name: _clean(value) for name, value in item.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return readable(value) if isinstance(value, dict) else value


def code_of(item: Mapping[str, Any]) -> str:
    """The portal's own code of what was filed there; "" for an item without one."""
    code = item.get("MaHoSo")
    return code if isinstance(code, str) and 0 < len(code) <= 100 else ""


def attachments(item: Mapping[str, Any]) -> list[Attachment]:
    return [
        Attachment(
            str(one.get("MaThanhPhanHoSo") or ""),
            str(one.get("TenTepDinhKem") or ""),
            str(one.get("DuongDanTaiTepTin") or ""),
        )
        for one in item.get("TaiLieuNop") or ()
        if isinstance(one, Mapping)
    ]


def application(item: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """The application as the API would take it; `files` gives the digest of each address. Permanent: not to be read."""
    try:
        made = {
            "procedure": item["MaTTHC"],
            "area": item["MaXa"],
            "reception": item["MaDonViTiepNhan"],
            "channel": "online",
            "applicant": _applicant(item),
            "content": item.get("NoiDungToKhai") or {},
            "components": [
                {"component": one.component, "name": one.name, "files": [files[one.address]] if one.address else []}
                for one in attachments(item)
            ],
        }
    except KeyError as missing:
        raise Permanent(
            "arrival-incomplete",
            f"Hồ sơ từ cổng quốc gia thiếu trường {missing.args[0]}.",
            mend="Cổng quốc gia phải gửi đủ trường này.",
        ) from None
    return made


def _applicant(item: Mapping[str, Any]) -> dict[str, Any]:
    kind = KINDS.get(str(item.get("LoaiDoiTuong")))
    if kind is None:
        raise Permanent(
            "arrival-kind",
            f"Loại đối tượng “{item.get('LoaiDoiTuong')}” không có trong danh mục.",
            mend="Cổng quốc gia phải gửi LoaiDoiTuong 1 đến 4.",
        )
    return {
        "kind": kind,
        "name": item["ChuHoSo"],
        "number": str(item.get("SoGiayToChuHoSo") or ""),
        "birth_date": _day(str(item.get("NgaySinh") or "")),
        "phone": str(item.get("SoDienThoai") or ""),
        "email": str(item.get("Email") or ""),
        "address": str(item.get("DiaChiChiTiet") or ""),
        "delivery": DELIVERIES.get(str(item.get("HinhThuc") or ""), ""),
    }


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise Permanent(
            "arrival-day", f"Ngày “{text[:20]}” không đọc được.", mend="Cổng quốc gia phải gửi yyyyMMdd."
        ) from None

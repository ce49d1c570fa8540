"""The national public service portal as local systems know it: sign in, synchronise dossiers, update their progress.

It keeps its own book in memory and is strict: it refuses what comes in the wrong order, a status that it doesn't know
or that jumps over another, and fields that are too long. It misbehaves on demand: `POST /mode` or its front page. Its
book is `GET /book`; citizens file there with `POST /file`.
"""

import html
import json
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MODES = {
    "well": "Như bình thường",
    "slow": "Trả lời chậm",
    "error": "Trả lời lỗi 500, không ghi gì",
    "error-after": "Ghi rồi trả lời lỗi 500",
    "cut": "Ghi rồi cắt kết nối giữa câu trả lời",
    "half": "Ghi nửa đầu của lô rồi trả lời lỗi 500",
    "away": "Không trả lời gì",
    "expired": "Phiên làm việc hết sau mỗi lời gọi",
    "throttle": "Bảo chờ (429)",
    "refuse": "Từ chối mọi hồ sơ",
    "forget": "Nói đã nhận mà không ghi",
    "shuffled": "Trả kết quả của lô theo thứ tự ngược",
    "twice": "Ghi mỗi tiến độ hai lần",
}
MOST = 10  # items in one call
SESSION_CALLS = 500  # calls that a session lasts
DATE = re.compile(r"\d{14}")
LENGTHS = {
    "MaHoSo": 100, "MaTTHC": 50, "TrichYeuHoSo": 1000, "NguoiXuLy": 50, "ChucDanh": 100, "NoiDungXuLy": 1000,
    "GhiChu": 1000, "SoGiayToChuHoSo": 20,
}  # fmt: skip
DATES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayTuChoi", "ThoiDiemXuLy", "NgayBatDau")
NEEDED = {
    "DongBoHoSoMC": ("MaHoSo", "MaTTHC", "TenTTHC", "KenhThucHien", "ChuHoSo", "NgayNopHoSo", "TrangThaiHoSo"),
    "CapNhatTienDoHoSoMC": ("MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "NoiDungXuLy", "TrangThai"),
}
# Which status may follow which: whoever merges 5, 6 and 8 into 9, or leaves one out, is refused.
FOLLOWING: Mapping[str, str] = {
    "": "1 2", "1": "1 2 3 5 6 7", "2": "2 4 7 8", "3": "3", "4": "4 5 6 7 8 9", "5": "5 1 4 3 7 8",
    "6": "6 1 4 3 7 8", "7": "7", "8": "8", "9": "9 10", "10": "10",
}  # fmt: skip


@dataclass
class Held:
    """A dossier in the portal's book."""

    fields: dict[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.steps[-1]["TrangThai"]) if self.steps else ""


@dataclass
class Portal:
    """The simulated portal's memory and its present mood."""

    mode: str = "well"
    seconds: float = 3.0
    left: int = 0  # calls after which it behaves well again; 0: until told otherwise
    sessions: dict[str, int] = field(default_factory=dict)
    dossiers: dict[str, Held] = field(default_factory=dict)
    filed: dict[str, dict[str, Any]] = field(default_factory=dict)  # by citizens, here
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # what the local system said of those
    files: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def mood(self) -> str:
        mode = self.mode
        if self.left:
            self.left -= 1
            if not self.left:
                self.mode = "well"
        return mode


class Refused(Exception):
    """An item that the portal doesn't take: error_code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def application() -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    """The stand-in as a WSGI application."""
    portal = Portal()

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        match (request.method, *request.path.strip("/").split("/")):
            case ("POST", "auth" | "service" as path):
                response = _called(portal, request, path)
            case ("GET", "files", name) if name in portal.files:
                response = Response(portal.files[name], content_type="application/pdf")
            case ("GET", "book"):
                with portal.lock:
                    response = _said(_book(portal))
            case ("POST", "mode"):
                response = _mode(portal, request)
            case ("POST", "file"):
                response = _file(portal, request)
            case ("POST", "lose"):
                response = _lose(portal, request.get_json())
            case ("GET", ""):
                response = _front_page(portal)
            case _:
                response = _page("Không có trang này", "", 404)
        response.headers["X-Mo-Phong"] = "MO PHONG"
        return response(environ, start_response)

    return answer


# --- what the platform calls --------------------------------------------------------------------------------------


def _called(portal: Portal, request: Request, path: str) -> Response:
    body = json.loads(request.get_data() or b"{}")
    with portal.lock:
        mood = portal.mood()
        portal.calls.append(str(body.get("service") or path))
    if mood == "slow":
        time.sleep(portal.seconds)
    if mood == "away":
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError
    if mood == "error":
        return _said({"error_code": "500", "error_message": "MÔ PHỎNG: lỗi hệ thống"}, 500)
    if mood == "throttle":
        return Response('{"error_code": "429"}', 429, {"Retry-After": f"{portal.seconds:.0f}"})
    with portal.lock:
        said = _auth(portal, body) if path == "auth" else _service(portal, body, mood)
    if path == "service" and mood in ("error-after", "half"):
        return _said({"error_code": "500", "error_message": "MÔ PHỎNG: lỗi hệ thống"}, 500)
    if mood == "cut" and path == "service":
        whole = json.dumps(said).encode()
        return Response(whole[: len(whole) // 2], 200, content_type="application/json")
    return _said(said)


def _auth(portal: Portal, body: dict[str, Any]) -> dict[str, Any]:
    if body.get("username") != settings.PORTAL_ACCOUNT or body.get("password") != settings.PORTAL_SECRET:
        return {"error_code": "-1", "error_message": "Sai tài khoản hoặc mật khẩu", "session": ""}
    session = secrets.token_hex(16)
    portal.sessions[session] = SESSION_CALLS
    return {"error_code": "0", "session": session}


def _service(portal: Portal, body: dict[str, Any], mood: str) -> dict[str, Any]:
    session = str(body.get("session"))
    left = portal.sessions.get(session, 0)
    if not left:
        return {"error_code": "-1", "error_message": "Phiên làm việc không còn hiệu lực"}
    portal.sessions[session] = 0 if mood == "expired" else left - 1
    if not body.get("madonvi"):
        return {"error_code": "-3", "error_message": "Thiếu madonvi"}
    act = SERVICES.get(str(body.get("service")))
    if act is None:
        return {"error_code": "-3", "error_message": f"Không có dịch vụ {body.get('service')}"}
    items = body.get("data") or []
    if len(items) > MOST and act in (_dossier, _progress):
        return {"error_code": "-3", "error_message": f"Mỗi lần không quá {MOST} mục"}
    if act in (_dossier, _progress, _answered):
        if mood == "half":
            items = items[: len(items) // 2]
        result = [_one(portal, act, body, item, mood) for item in items]
        if mood == "shuffled":
            result.reverse()
        return {"error_code": "0", "result": result}
    return {"error_code": "0", **act(portal, body, {}, mood)}


Act = Callable[[Portal, dict[str, Any], dict[str, Any], str], dict[str, Any]]


def _one(portal: Portal, act: Act, body: dict[str, Any], item: dict[str, Any], mood: str) -> dict[str, Any]:
    code = str(item.get("MaHoSo", ""))
    try:
        if mood == "refuse":
            raise Refused("-3", "MÔ PHỎNG: cổng từ chối hồ sơ này")
        _well_formed(item)
        act(portal, body, item, mood)
    except Refused as refused:
        return {"MaHoSo": code, "error_code": refused.code, "error_message": str(refused)}
    return {"MaHoSo": code, "error_code": "0", "error_message": ""}


def _well_formed(item: dict[str, Any]) -> None:
    for name, value in item.items():
        if name in LENGTHS and len(str(value)) > LENGTHS[name]:
            raise Refused("-3", f"{name} dài quá {LENGTHS[name]} ký tự")
        if name in DATES and value and not DATE.fullmatch(str(value)):
            raise Refused("-3", f"{name} phải có dạng yyyyMMddHHmmss")
    for name in ("TrangThai", "TrangThaiHoSo"):
        if name in item and str(item[name]) not in FOLLOWING:
            raise Refused("-3", f"{name} {item[name]} không có trong danh mục")


def _needs(item: dict[str, Any], service: str) -> None:
    for name in NEEDED[service]:
        if not item.get(name):
            raise Refused("-3", f"Thiếu trường {name}")


def _dossier(portal: Portal, body: dict[str, Any], item: dict[str, Any], mood: str) -> dict[str, Any]:
    _needs(item, "DongBoHoSoMC")
    held = portal.dossiers.get(item["MaHoSo"])
    updating = body.get("isUpdating") == "True"
    if held and not updating:
        raise Refused("3", "MaHoSo đã tồn tại")
    if held is None and updating:
        raise Refused("-3", "MaHoSo chưa tồn tại")
    if held is None and str(item["TrangThaiHoSo"]) not in FOLLOWING[""].split():
        raise Refused("-3", "TrangThaiHoSo của hồ sơ mới phải là 1 hoặc 2")
    if held and held.status and str(item["TrangThaiHoSo"]) not in FOLLOWING[held.status].split():
        raise Refused("-3", f"TrangThaiHoSo {item['TrangThaiHoSo']} không thể đến sau {held.status}")
    if mood == "forget":
        return {}
    if held is None:
        portal.dossiers[item["MaHoSo"]] = Held(dict(item))
    else:
        held.fields = dict(item)
    return {}


def _progress(portal: Portal, body: dict[str, Any], item: dict[str, Any], mood: str) -> dict[str, Any]:
    _needs(item, "CapNhatTienDoHoSoMC")
    held = portal.dossiers.get(item["MaHoSo"])
    if held is None:
        raise Refused("-3", "MaHoSo chưa tồn tại")
    if item in held.steps:
        raise Refused("3", "Tiến độ này đã có")
    if held.steps and item["ThoiDiemXuLy"] < held.steps[-1]["ThoiDiemXuLy"]:
        raise Refused("-3", "ThoiDiemXuLy sớm hơn tiến độ đã có: sai thứ tự")
    if str(item["TrangThai"]) not in FOLLOWING[held.status].split():
        raise Refused("-3", f"TrangThai {item['TrangThai']} không thể đến sau {held.status or 'không có gì'}")
    if mood == "forget":
        return {}
    held.steps += [item, item] if mood == "twice" else [item]
    return {}


def _look_up(portal: Portal, body: dict[str, Any], item: dict[str, Any], mood: str) -> dict[str, Any]:
    """TraCuuHoSo: dossiers by their codes, or all of an agency in pages after a code."""
    asked = body.get("MaHoSo")
    if asked is None:
        after, many = str(body.get("sau", "")), min(int(body.get("soLuong", 100)), 500)
        asked = sorted(code for code in portal.dossiers if code > after)[:many]
    found = [(code, portal.dossiers[code]) for code in asked if code in portal.dossiers]
    return {"result": [_told(code, held, steps=body.get("MaHoSo") is not None) for code, held in found]}


def _told(code: str, held: Held, *, steps: bool) -> dict[str, Any]:
    made = {
        "MaHoSo": code,
        "TrangThaiHoSo": held.status or held.fields["TrangThaiHoSo"],
        "NgayHenTra": held.fields.get("NgayHenTra", ""),
        "SoTienDo": len(held.steps),
    }
    return made | {"TienDo": held.steps} if steps else made


def _filed_here(portal: Portal, body: dict[str, Any], item: dict[str, Any], mood: str) -> dict[str, Any]:
    """What citizens filed here and the local system has not answered yet."""
    many = min(int(body.get("soLuong", 50)), 200)
    waiting = [one for code, one in portal.filed.items() if code not in portal.answers]
    if mood == "twice":
        waiting = [one for one in waiting for _ in (1, 2)]
    return {"result": waiting[:many]}


def _answered(portal: Portal, body: dict[str, Any], item: dict[str, Any], mood: str) -> dict[str, Any]:
    code = str(item.get("MaHoSo", ""))
    if code not in portal.filed:
        raise Refused("-3", "MaHoSo không do cổng cấp")
    if item.get("KetQua") not in ("1", "0"):
        raise Refused("-3", "KetQua phải là 1 hoặc 0")
    if item["KetQua"] == "0" and not item.get("LyDo"):
        raise Refused("-3", "Từ chối phải có LyDo")
    if portal.answers.get(code) == item:
        raise Refused("3", "Đã trả lời")
    if mood != "forget":
        portal.answers[code] = item
    return {}


SERVICES: Mapping[str, Act] = {
    "DongBoHoSoMC": _dossier,
    "CapNhatTienDoHoSoMC": _progress,
    "TraCuuHoSo": _look_up,
    "LayDanhSachHoSoNop": _filed_here,
    "TraLoiHoSoNop": _answered,
}


# --- what whoever tries it out sees -------------------------------------------------------------------------------


def _book(portal: Portal) -> dict[str, Any]:
    return {
        "simulated": True,
        "dossiers": {code: {"fields": held.fields, "steps": held.steps} for code, held in portal.dossiers.items()},
        "filed": portal.filed,
        "answers": portal.answers,
        "calls": len(portal.calls),
    }


def _given(request: Request) -> dict[str, Any]:
    return request.get_json() if request.is_json else dict(request.form)


def _mode(portal: Portal, request: Request) -> Response:
    given = _given(request)
    if given.get("mode") not in MODES:
        return _page("Không có cách trả lời này", "", 422)
    with portal.lock:
        portal.mode, portal.left = given["mode"], int(given.get("calls") or 0)
        portal.seconds = float(given.get("seconds", portal.seconds))
    return Response(status=303, headers={"Location": "/"})


def _file(portal: Portal, request: Request) -> Response:
    """A citizen files here: the fields as JSON; without a code it gets one."""
    given = request.get_json()
    with portal.lock:
        code = given.get("MaHoSo") or f"QG-{secrets.token_hex(5).upper()}"
        for paper in given.get("TaiLieuNop", ()):
            if "NoiDungTep" in paper:
                name = secrets.token_hex(8)
                portal.files[name] = paper.pop("NoiDungTep").encode()
                paper["DuongDanTaiTepTin"] = f"{request.host_url}files/{name}"
        portal.filed[code] = given | {"MaHoSo": code}
    return _said({"MaHoSo": code, "simulated": True})


def _lose(portal: Portal, given: dict[str, Any]) -> Response:
    """Lose a dossier, or its steps from a place on, as an accident would."""
    with portal.lock:
        if "steps_from" in given:
            held = portal.dossiers[given["MaHoSo"]]
            del held.steps[int(given["steps_from"]) :]
        else:
            del portal.dossiers[given["MaHoSo"]]
    return _said({"simulated": True})


def _said(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json; charset=utf-8")


def _front_page(portal: Portal) -> Response:
    choices = "".join(
        f'<option value="{name}"{" selected" if name == portal.mode else ""}>{html.escape(words)}</option>'
        for name, words in MODES.items()
    )
    rows = "".join(
        f"<tr><td>{html.escape(code)}<td>{html.escape(str(held.fields.get('MaTTHC')))}<td>{held.status}"
        f"<td>{len(held.steps)}"
        for code, held in list(portal.dossiers.items())[-200:]
    )
    return _page(
        "Cổng dịch vụ công quốc gia",
        f'<form method="post" action="/mode"><p><label>Từ nay: <select name="mode">{choices}</select></label> '
        f'<label>số giây <input name="seconds" value="{portal.seconds:g}" size="4"></label> '
        '<label>trong số lời gọi (0: đến khi đổi) <input name="calls" value="0" size="4"></label> '
        "<button>Đổi cách trả lời</button></p></form>"
        f"<p>{len(portal.dossiers)} hồ sơ, {len(portal.filed)} hồ sơ nộp tại đây, {len(portal.answers)} đã trả lời, "
        f"{len(portal.calls)} lời gọi.</p>"
        f"<table><tr><th>Mã hồ sơ<th>Thủ tục<th>Trạng thái<th>Tiến độ{rows}</table>",
    )


def _page(heading: str, content: str, status: int = 200) -> Response:
    return Response(
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>MÔ PHỎNG – {heading}</title><p><strong>MÔ PHỎNG</strong> – đây không phải cổng quốc gia.</p>"
        f"<h1>{heading}</h1>{content}",
        status,
        content_type="text/html; charset=utf-8",
    )

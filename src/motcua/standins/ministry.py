"""A ministry's specialised system that tells a province how the dossiers of its units stand there.

How such systems tell it was not found in a source; the sign-in is that of the ministries' service (token for a client
and its secret), and the list is the shape that a province needs: what changed since, page by page. Everything is in
memory and made up; `POST /mode` or its front page make it misbehave, `PUT /dossiers` changes what it holds.
"""

import html
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MODES = {
    "well": "Như bình thường",
    "slow": "Trả lời chậm",
    "error": "Trả lời lỗi 500",
    "away": "Không trả lời gì",
    "expired": "Phiên hết sau mỗi lời gọi",
    "odd": "Gửi trạng thái lạ và đơn vị lạ",
    "twice": "Gửi mỗi hồ sơ hai lần",
}


@dataclass
class Ministry:
    """The simulated system's memory; `changes` counts every change, so that a reader can ask what came after."""

    mode: str = "well"
    seconds: float = 3.0
    tokens: set[str] = field(default_factory=set)
    changes: int = 0
    dossiers: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, given: dict[str, Any]) -> None:
        with self.lock:
            self.changes += 1
            self.dossiers[given["MaHoSo"]] = {"LanDoi": self.changes, **given}


def application() -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    """The stand-in as a WSGI application."""
    ministry = Ministry()

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        match (request.method, *request.path.strip("/").split("/")):
            case ("POST", "token"):
                response = _token(ministry, request)
            case ("GET", "dossiers"):
                response = _list(ministry, request)
            case ("PUT", "dossiers"):
                for one in request.get_json():
                    ministry.put(one)
                response = _said({"simulated": True})
            case ("POST", "mode"):
                response = _mode(ministry, request)
            case ("GET", ""):
                response = _front_page(ministry)
            case _:
                response = Response("404", 404)
        response.headers["X-Mo-Phong"] = "MO PHONG"
        return response(environ, start_response)

    return answer


def _misbehave(ministry: Ministry, request: Request) -> Response | None:
    if ministry.mode == "slow":
        time.sleep(ministry.seconds)
    if ministry.mode == "away":
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError
    return _said({"message": "MÔ PHỎNG: lỗi hệ thống"}, 500) if ministry.mode == "error" else None


def _token(ministry: Ministry, request: Request) -> Response:
    given = request.get_json()
    if given.get("client_secret") != settings.MINISTRIES_SECRET:
        return _said({"message": "Sai mã bí mật"}, 401)
    token = secrets.token_hex(16)
    ministry.tokens.add(token)
    return _misbehave(ministry, request) or _said({"access_token": token, "simulated": True})


def _list(ministry: Ministry, request: Request) -> Response:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token not in ministry.tokens:
        return _said({"message": "Phiên không còn hiệu lực"}, 401)
    if ministry.mode == "expired":
        ministry.tokens.discard(token)
    if (broken := _misbehave(ministry, request)) is not None:
        return broken
    after, many = request.args.get("sau", "0"), min(int(request.args.get("soLuong", "200")), 500)
    with ministry.lock:
        changed = sorted((d for d in ministry.dossiers.values() if d["LanDoi"] > int(after or 0)), key=_change)[:many]
    if ministry.mode == "odd":
        changed = [one | {"TrangThai": "77", "MaDonVi": "X99.1"} for one in changed]
    if ministry.mode == "twice":
        changed = [one for one in changed for _ in (1, 2)]
    return _said({"data": changed, "sau": str(_change(changed[-1]) if changed else after), "simulated": True})


def _change(dossier: dict[str, Any]) -> int:
    return int(dossier["LanDoi"])


def _mode(ministry: Ministry, request: Request) -> Response:
    given = request.get_json() if request.is_json else dict(request.form)
    if given.get("mode") not in MODES:
        return _said({"message": "Không có cách trả lời này"}, 422)
    ministry.mode, ministry.seconds = given["mode"], float(given.get("seconds", ministry.seconds))
    return Response(status=303, headers={"Location": "/"})


def _said(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json; charset=utf-8")


def _front_page(ministry: Ministry) -> Response:
    choices = "".join(
        f'<option value="{name}"{" selected" if name == ministry.mode else ""}>{html.escape(words)}</option>'
        for name, words in MODES.items()
    )
    rows = "".join(
        f"<tr><td>{html.escape(str(one['MaHoSo']))}<td>{html.escape(str(one.get('MaDonVi')))}"
        f"<td>{html.escape(str(one.get('TrangThai')))}"
        for one in list(ministry.dossiers.values())[-200:]
    )
    return Response(
        '<!doctype html><html lang="vi"><meta charset="utf-8"><title>MÔ PHỎNG – Hệ thống của bộ</title>'
        "<p><strong>MÔ PHỎNG</strong> – đây không phải hệ thống của bộ nào.</p><h1>Hệ thống chuyên ngành</h1>"
        f'<form method="post" action="/mode"><p><label>Từ nay: <select name="mode">{choices}</select></label> '
        f"<button>Đổi cách trả lời</button></p></form><table><tr><th>Mã hồ sơ<th>Đơn vị<th>Trạng thái{rows}</table>",
        content_type="text/html; charset=utf-8",
    )

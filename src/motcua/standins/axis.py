"""The national document axis that misbehaves on demand. Everything is in memory: it forgets with its process.

Its front page shows what it holds and sets its behaviour; so does `POST /mode` with JSON, for tests. `POST /inject`
puts a message for us into its box, as if another office had sent it.
"""

import html
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from werkzeug.wrappers import Request, Response

from motcua.documents.rules import gateway

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MODES = {
    "well": "Như bình thường",
    "slow": "Trả lời chậm",
    "error": "Trả lời lỗi 500, không giữ gì",
    "busy": "Trả lời 503, không giữ gì",
    "cut": "Cắt kết nối trước khi nhận",
    "cut-answer": "Trả lời bị cắt giữa chừng",
    "error-after": "Giữ rồi trả lời lỗi 500",
    "silent": "Giữ rồi cắt kết nối, không trả lời",
    "twice": "Đưa mỗi gói tin hai lần với hai số",
    "mixed": "Đưa gói tin theo thứ tự ngược",
    "refuse": "Từ chối mọi gói tin",
}


@dataclass
class Held:
    """A message as the axis holds it."""

    id: str
    message: str  # the sender's own number
    sender: str
    to: list[str]
    type: str
    state: str = "inbox"  # inbox, done, fail
    box: str = "out"  # "in": for us to fetch; "out": from us


@dataclass
class Centre:
    """The simulated axis's memory and its present mood."""

    system: str
    secret: str
    mode: str = "well"
    left: int = -1  # calls for which the mode holds; below zero for ever
    seconds: float = 3.0
    many: int = 0  # organisations beyond the registered ones
    contents: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    by_message: dict[str, str] = field(default_factory=dict)
    registered: list[dict[str, Any]] = field(default_factory=list)
    loop: bool = True  # what we send to offices comes back for them, as where both ends are on this installation
    unknown: list[str] = field(default_factory=list)  # receivers that it says it doesn't know
    lock: threading.Lock = field(default_factory=threading.Lock)

    def mood(self) -> str:
        """How this call is treated."""
        with self.lock:
            if self.left == 0:
                self.mode, self.left = "well", -1
            if self.left > 0:
                self.left -= 1
            return self.mode


def application() -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    """The stand-in as a WSGI application."""
    centre = Centre(settings.AXIS_SYSTEM, settings.AXIS_SECRET)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        match (request.method, *request.path.strip("/").split("/")):
            case ("GET", ""):
                response = _front_page(centre)
            case ("POST", "mode"):
                response = _set_mode(centre, request)
            case ("POST", "inject"):
                response = _inject(centre, request)
            case ("GET", "held"):
                response = _json([asdict(held) for held in centre.held.values()])
            case ("GET", "held", number):
                response = Response(centre.contents[number], content_type=gateway.XML)
            case ("GET", "registered"):
                response = _json(centre.registered)
            case _:
                response = _called(centre, request)
        response.headers["X-Mo-Phong"] = "MO PHONG"
        return response(environ, start_response)

    return answer


# --- what the platform calls --------------------------------------------------------------------------------------


def _called(centre: Centre, request: Request) -> Response:
    body = request.get_data()
    head = request.headers
    signed = gateway.signature(
        centre.secret, head.get("X-SystemId", ""), head.get("X-Timestamp", ""), head.get("Content-Type", ""), [body]
    )
    mood = centre.mood()
    if mood == "slow":
        time.sleep(centre.seconds)
    if mood == "cut":
        raise ConnectionAbortedError
    if mood == "error":
        return _json({"message": "lỗi nội bộ"}, 500)
    if mood == "busy":
        return _json({"message": "đang bận"}, 503)
    if head.get("X-SystemId") != centre.system or head.get("X-Signature") != signed:
        return _json({"message": "chữ ký sai"}, 403)
    with centre.lock:
        response = _answer(centre, request, body, mood)
    if mood == "error-after":
        return _json({"message": "lỗi nội bộ"}, 500)
    if mood == "silent":
        raise ConnectionAbortedError
    return _cut(response) if mood == "cut-answer" else response


def _cut(response: Response) -> Response:
    whole = response.get_data()

    def half() -> Iterator[bytes]:
        yield whole[: len(whole) // 2]
        raise ConnectionAbortedError

    made = Response(half(), response.status_code, content_type=response.content_type)
    made.headers["Content-Length"] = str(len(whole))
    return made


def _answer(centre: Centre, request: Request, body: bytes, mood: str) -> Response:
    path = request.path
    if path == gateway.SEND:
        return _send(centre, request, body, mood)
    if path == gateway.SENT:
        found = centre.by_message.get(request.args.get("messageId", ""), "")
        return _json({"id": found, "message": ""})
    if path == gateway.RECEIVED:
        return _json({"edocs": _waiting(centre, mood)})
    if path.startswith(gateway.ONE):
        held = centre.held.get(path.removeprefix(gateway.ONE).removesuffix("~2"))
        if held is None:
            return _json({"message": "không có"}, 404)
        return Response(centre.contents[held.id], content_type=gateway.XML)
    if path == gateway.UPDATE_STATUS:
        given = json.loads(body)
        held = centre.held.get(str(given["id"]).removesuffix("~2"))
        if held is not None:
            held.state = given["status"]
        return _json({"message": ""})
    if path == gateway.AGENCIES:
        return _json([*centre.registered, *_organisations(centre.many)])
    if path == gateway.REGISTER:
        return _register(centre, request, body, mood)
    return _json({"message": "không có dịch vụ này"}, 404)


def _send(centre: Centre, request: Request, body: bytes, mood: str) -> Response:
    message = request.headers.get("X-Message-Id", "")
    if message in centre.by_message:
        return _json({"id": centre.by_message[message], "message": "đã có"}, 409)
    to = [code for code in request.headers.get("to", "").split(",") if code]
    strange = [code for code in to if code in centre.unknown]
    if mood == "refuse" or strange or not to:
        return _json({"message": f"không có nơi nhận {', '.join(strange)}" if strange else "từ chối"}, 422)
    sender, type_ = request.headers.get("from", ""), request.headers.get("messagetype", "")
    held = _keep(centre, body, sender, to, type_, message)
    if centre.loop:
        _keep(centre, body, sender, to, type_, "", box="in")
    return _json({"id": held.id, "message": ""})


def _keep(centre: Centre, body: bytes, sender: str, to: list[str], type_: str, message: str, box: str = "out") -> Held:
    made = Held(uuid4().hex, message, sender, to, type_, box=box)
    centre.contents[made.id] = body
    centre.held[made.id] = made
    if message:
        centre.by_message[message] = made.id
    return made


def _register(centre: Centre, request: Request, body: bytes, mood: str) -> Response:
    message = request.headers.get("X-Message-Id", "")
    if message in centre.by_message:
        return _json({"id": centre.by_message[message], "message": "đã có"}, 409)
    if mood == "refuse":
        return _json({"message": "từ chối"}, 422)
    centre.by_message[message] = message
    given = json.loads(body)
    centre.registered = [row for row in centre.registered if row.get("code") != given.get("code")]
    if given.get("act") != "close":
        centre.registered.append(given)
    return _json({"id": message, "message": ""})


def _waiting(centre: Centre, mood: str) -> list[dict[str, Any]]:
    waiting = [
        {"id": held.id, "from": held.sender, "to": held.to}
        for held in centre.held.values()
        if held.box == "in" and held.state == "inbox"
    ]
    if mood == "twice":
        waiting = [one | {"id": f"{one['id']}{mark}"} for one in waiting for mark in ("", "~2")]
    return waiting[::-1] if mood == "mixed" else waiting


def _organisations(many: int) -> list[Any]:
    """A long list as a national one is: mostly right, with rows that are not."""
    rows: list[Any] = [
        {"id": n, "code": f"Z{n % 90 + 10}.{n}", "code102": f"{n:06d}.Z{n % 90 + 10}", "name": f"Tổ chức số {n}"}
        for n in range(many)
    ]
    if many:
        rows[1:1] = [
            {"id": "a", "code": "khong_dung", "name": "Mã sai dạng"},
            {"id": "b", "code": "", "name": "Không có mã"},
            {"id": "c", "code": "Z99.1", "name": ""},
            {"id": "d", "code": f"Z{10}.0", "name": "Trùng mã với dòng trước"},
            "không phải dòng",
            None,
        ]
    return rows


# --- what tests and whoever tries it out call ---------------------------------------------------------------------


def _set_mode(centre: Centre, request: Request) -> Response:
    given = request.get_json() if request.is_json else dict(request.form)
    if given.get("mode", centre.mode) not in MODES:
        return _page("Không có cách trả lời này", "", 422)
    with centre.lock:
        centre.mode = given.get("mode", centre.mode)
        centre.left = int(given.get("left", -1))
        centre.seconds = float(given.get("seconds", centre.seconds))
        centre.loop = str(given.get("loop", centre.loop)).lower() in ("true", "1", "on")
        centre.many = int(given.get("many", centre.many))
        centre.unknown = list(given.get("unknown", centre.unknown))
    return Response(status=303, headers={"Location": "/"})


def _inject(centre: Centre, request: Request) -> Response:
    to = [code for code in request.args.get("to", "").split(",") if code]
    with centre.lock:
        held = _keep(centre, request.get_data(), request.args.get("from", ""), to, "edoc", "", box="in")
    return _json({"id": held.id})


def _front_page(centre: Centre) -> Response:
    choices = "".join(
        f'<option value="{name}"{" selected" if name == centre.mode else ""}>{html.escape(words)}</option>'
        for name, words in MODES.items()
    )
    rows = "".join(
        f"<tr><td>{held.box}<td>{html.escape(held.type)}<td>{html.escape(held.sender)}"
        f"<td>{html.escape(', '.join(held.to))}<td>{held.state}"
        for held in centre.held.values()
    )
    return _page(
        "Trục liên thông văn bản quốc gia",
        f'<form method="post" action="/mode"><p><label>Từ nay: <select name="mode">{choices}</select></label> '
        f'<label>số giây <input name="seconds" value="{centre.seconds:g}" size="4"></label> '
        f'<label>số tổ chức <input name="many" value="{centre.many}" size="7"></label> '
        "<button>Đổi cách trả lời</button></p></form>"
        f"<table><tr><th>Chiều<th>Loại<th>Từ<th>Đến<th>Trạng thái{rows}</table>",
    )


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type=gateway.JSON)


def _page(heading: str, content: str, status: int = 200) -> Response:
    return Response(
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>MÔ PHỎNG – {heading}</title><p><strong>MÔ PHỎNG</strong> – không phải trục thật.</p>"
        f"<h1>{heading}</h1>{content}",
        status,
        content_type="text/html; charset=utf-8",
    )

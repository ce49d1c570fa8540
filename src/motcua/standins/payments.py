"""A payment gateway that misbehaves on demand. Everything is in memory: it forgets with its process.

Its front page lists what it holds and sets the next behaviour; so does `POST /mode` with a JSON body, for tests.
"""

import html
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from django.conf import settings
from werkzeug.wrappers import Request, Response

from motcua.payments.rules import signature, signed_by

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MODES = {
    "pay": "Trả tiền được, báo ngay",
    "refuse": "Ngân hàng từ chối",
    "slow": "Trả lời chậm",
    "error": "Trả lời lỗi 500, không giữ yêu cầu",
    "error-after": "Giữ yêu cầu rồi trả lời lỗi 500",
    "away": "Cắt kết nối, không trả lời gì",
    "late": "Trả được, báo muộn; đến lúc đó nói là chưa biết",
    "silent": "Trả được, không báo gì; hỏi thì nói",
    "twice": "Báo hai lần",
    "wrong-amount": "Báo sai số tiền",
    "bad-signature": "Báo với chữ ký sai",
    "closed": "Trả được, nhưng người dân đóng cửa sổ, không quay về",
}
RETRIES = (0.0, 1.0, 2.0, 4.0, 8.0)  # seconds before each time that a notice is sent, until it is taken


@dataclass
class Held:
    """An order as this gateway holds it."""

    order: str
    reference: str
    amount: int
    purpose: str
    back: str
    notice: str
    state: str = "pending"
    shown: str = "pending"  # what it says when asked


@dataclass
class Gateway:
    """The simulated gateway's memory and its present mood."""

    secret: str
    mode: str = "pay"
    seconds: float = 3.0
    notice: str = ""  # where notices went last: transfers are told there too
    orders: dict[str, Held] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, address: str, body: dict[str, Any], *, secret: str = "") -> None:
        """Send a notice until it is taken, from a thread of its own."""
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Signature": signature(secret or self.secret, content)}

        def send() -> None:
            for pause in RETRIES:
                time.sleep(pause)
                try:
                    if requests.post(address, data=content, headers=headers, timeout=10).status_code < 500:
                        return
                except requests.RequestException:
                    continue

        threading.Thread(target=send, daemon=True).start()

    def told(self, held: Held, *, amount: int | None = None) -> dict[str, Any]:
        return {
            "order": held.order,
            "reference": held.reference,
            "amount": held.amount if amount is None else amount,
            "state": held.shown,
            "simulated": True,
        }


def application() -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    """The stand-in as a WSGI application."""
    gateway = Gateway(settings.PAYMENTS_SECRET)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        path = request.path.strip("/").split("/")
        match (request.method, *path):
            case ("POST", "orders"):
                response = _signed(gateway, request, _order)
            case ("POST", "orders", "ask"):
                response = _signed(gateway, request, _ask)
            case ("GET", "pay", reference):
                response = _pay_page(gateway, reference)
            case ("POST", "pay", reference):
                response = _pay(gateway, reference, request.form.get("choice", ""))
            case ("GET", ""):
                response = _front_page(gateway)
            case ("GET", "orders"):
                response = Response(json.dumps([asdict(held) for held in gateway.orders.values()]))
            case ("POST", "mode"):
                response = _mode(gateway, request)
            case ("POST", "transfer"):
                response = _transfer(gateway, request)
            case _:
                response = _page("Không có trang này", "", 404)
        return response(environ, start_response)

    return answer


# --- what the platform calls --------------------------------------------------------------------------------------


def _signed(
    gateway: Gateway, request: Request, act: Callable[[Gateway, Request, dict[str, Any]], tuple[int, dict[str, Any]]]
) -> Response:
    content = request.get_data()
    if not signed_by(gateway.secret, content, request.headers.get("Signature", "")):
        return Response('{"problem": "signature-wrong"}', 403, content_type="application/json")
    if gateway.mode == "slow":
        time.sleep(gateway.seconds)
    if gateway.mode == "away":
        raise ConnectionAbortedError
    if gateway.mode == "error":
        return Response('{"problem": "broken"}', 500, content_type="application/json")
    status, said = act(gateway, request, json.loads(content))
    if gateway.mode == "error-after":
        status = 500
    body = json.dumps(said).encode()
    return Response(body, status, {"Signature": signature(gateway.secret, body)}, content_type="application/json")


def _order(gateway: Gateway, request: Request, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    with gateway.lock:
        known = gateway.orders.get(body["order"])
        held = known or Held(
            order=body["order"],
            reference=f"MP{secrets.token_hex(6).upper()}",
            amount=int(body["amount"]),
            purpose=str(body["purpose"]),
            back=body["back"],
            notice=body["notice"],
        )
        gateway.orders[held.order] = held
        gateway.notice = held.notice
    said = {"reference": held.reference, "address": f"{request.host_url}pay/{held.reference}", "simulated": True}
    return (409 if known else 200), said


def _ask(gateway: Gateway, request: Request, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    held = gateway.orders.get(body["order"])
    if held is None:
        return 200, {"order": body["order"], "state": "failed", "simulated": True}
    return 200, gateway.told(held)


# --- what the citizen sees ----------------------------------------------------------------------------------------


def _found(gateway: Gateway, reference: str) -> Held | None:
    return next((held for held in gateway.orders.values() if held.reference == reference), None)


def _pay_page(gateway: Gateway, reference: str) -> Response:
    held = _found(gateway, reference)
    if held is None:
        return _page("Không có yêu cầu thanh toán này", "", 404)
    amount = f"{held.amount:,}".replace(",", ".")
    return _page(
        "Cổng thanh toán",
        f"<p>Số tiền <strong>{amount} đồng</strong>, nội dung {html.escape(held.purpose)}.</p>"
        '<form method="post"><p><button name="choice" value="pay">Trả tiền</button> '
        '<button name="choice" value="refuse">Không trả, quay về</button></p></form>',
    )


def _pay(gateway: Gateway, reference: str, choice: str) -> Response:
    held = _found(gateway, reference)
    if held is None:
        return _page("Không có yêu cầu thanh toán này", "", 404)
    with gateway.lock:
        if held.state == "pending":
            held.state = "failed" if choice != "pay" or gateway.mode == "refuse" else "paid"
            if gateway.mode != "late":
                held.shown = held.state
            _tell_of(gateway, held)
    if gateway.mode == "closed":
        return _page("Đã trả tiền", "<p>Cửa sổ này đóng mà không quay về cổng dịch vụ công.</p>")
    return Response(status=303, headers={"Location": held.back})


def _tell_of(gateway: Gateway, held: Held) -> None:
    match gateway.mode:
        case "silent":
            return
        case "late":

            def later() -> None:
                held.shown = held.state
                gateway.tell(held.notice, gateway.told(held))

            timer = threading.Timer(gateway.seconds, later)
            timer.daemon = True
            timer.start()
        case "wrong-amount":
            gateway.tell(held.notice, gateway.told(held, amount=held.amount + 1000))
        case "bad-signature":
            gateway.tell(held.notice, gateway.told(held), secret="somebody else")  # noqa: S106 - that is the point
        case "twice":
            gateway.tell(held.notice, gateway.told(held))
            gateway.tell(held.notice, gateway.told(held))
        case _:
            gateway.tell(held.notice, gateway.told(held))


# --- what whoever tries it out sees -------------------------------------------------------------------------------


def _front_page(gateway: Gateway) -> Response:
    choices = "".join(
        f'<option value="{name}"{" selected" if name == gateway.mode else ""}>{html.escape(words)}</option>'
        for name, words in MODES.items()
    )
    rows = "".join(
        f"<tr><td>{held.reference}<td>{held.amount}<td>{html.escape(held.purpose)}<td>{held.state}<td>{held.shown}"
        for held in gateway.orders.values()
    )
    return _page(
        "Cổng thanh toán",
        f'<form method="post" action="/mode"><p><label>Từ nay: <select name="mode">{choices}</select></label> '
        f'<label>số giây <input name="seconds" value="{gateway.seconds:g}" size="4"></label> '
        "<button>Đổi cách trả lời</button></p></form>"
        '<form method="post" action="/transfer"><p>Có chuyển khoản đến: '
        '<label>nội dung <input name="purpose"></label> <label>số tiền <input name="amount"></label> '
        "<button>Báo có</button></p></form>"
        f"<table><tr><th>Số<th>Đồng<th>Nội dung<th>Trạng thái<th>Nói khi được hỏi{rows}</table>",
    )


def _given(request: Request) -> dict[str, Any]:
    return request.get_json() if request.is_json else dict(request.form)


def _mode(gateway: Gateway, request: Request) -> Response:
    given = _given(request)
    if given.get("mode") not in MODES:
        return _page("Không có cách trả lời này", "", 422)
    gateway.mode, gateway.seconds = given["mode"], float(given.get("seconds", gateway.seconds))
    return Response(status=303, headers={"Location": "/"})


def _transfer(gateway: Gateway, request: Request) -> Response:
    given = _given(request)
    body = {
        "order": None,
        "reference": given.get("reference") or f"CK{secrets.token_hex(6).upper()}",
        "amount": int(given["amount"]),
        "purpose": given["purpose"],
        "state": "paid",
        "simulated": True,
    }
    gateway.tell(given.get("notice") or gateway.notice, body)
    return Response(status=303, headers={"Location": "/"})


def _page(heading: str, content: str, status: int = 200) -> Response:
    return Response(
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>MÔ PHỎNG – {heading}</title><p><strong>MÔ PHỎNG</strong> – không có tiền thật nào được chuyển.</p>"
        f"<h1>{heading}</h1>{content}",
        status,
        content_type="text/html; charset=utf-8",
    )

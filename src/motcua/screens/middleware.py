"""What every page gets: headers that let nothing foreign in, the chosen language, words for a failure, less weight."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from motcua.kernel.errors import Failure, NotAllowed, NotFound, Transient
from motcua.screens import problems

Respond = Callable[[HttpRequest], HttpResponse]

SAFE = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def safe(respond: Respond) -> Respond:
    """Middleware: the security headers that Django doesn't set itself."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def spoken(respond: Respond) -> Respond:
    """Middleware: Vietnamese, unless the reader chose another language of ours.

    Django's own asks the browser's list first, which would greet in English every citizen who never changed the
    language of a second-hand phone.
    """
    known = dict(settings.LANGUAGES)

    def answer(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(language):
            response = respond(request)
        patch_vary_headers(response, ("Cookie",))
        response.headers.setdefault("Content-Language", language)
        return response

    return answer


SEEN = "seen"
SEEN_EVERY = 60  # seconds


def awake(respond: Respond) -> Respond:
    """Middleware: a session in use stays; it is written at most once a minute, not at every page."""

    def answer(request: HttpRequest) -> HttpResponse:
        session = request.session
        if settings.SESSION_COOKIE_NAME in request.COOKIES and session.keys():
            now = int(time.time())
            if now - session.get(SEEN, 0) >= SEEN_EVERY:
                session[SEEN] = now
        return respond(request)

    return answer


class Worded:
    """Middleware: a failure that a view didn't catch becomes a page that says what to do, with its status."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Transient | OperationalError | InterfaceError):
            response = problems.away(request)
            response["Retry-After"] = "5"
            return response
        if isinstance(exception, NotFound):
            return problems.not_found(request, exception)
        if isinstance(exception, NotAllowed):
            return problems.not_allowed(request, exception)
        if isinstance(exception, Failure):
            return problems.bad_request(request, exception)
        return None


class Squeezed(GZipMiddleware):
    """Middleware: compressed text; fonts and pictures are that already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if kind.startswith(("text/", "image/svg", "application/json")):
            return super().process_response(request, response)
        return response

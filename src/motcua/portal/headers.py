"""What every answer of a page carries so that a browser lets nothing foreign in, and the language that was chosen."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

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


class Squeezed(GZipMiddleware):
    """Middleware: compressed text; fonts and pictures are that already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if kind.startswith(("text/", "image/svg", "application/json")):
            return super().process_response(request, response)
        return response

"""Pages as rows: address, view, name, and who is let in. The URL table and the access matrix are made from them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

View = Callable[..., HttpResponseBase]


class Gate(Protocol):
    """Who is let in. Gives what the view gets as its second argument, or the answer that sends the caller elsewhere."""

    @property
    def who(self) -> str:
        """For the access matrix: "everybody", "a signed-in citizen", "an official: reception, handler"."""

    def __call__(self, request: HttpRequest) -> Any | HttpResponseBase: ...


@dataclass(frozen=True, slots=True)
class Page:
    """One address of a face. Without a gate everybody comes in, and the view gets the request alone."""

    path: str
    view: View
    name: str
    gate: Gate | None = None


def urls(pages: Iterable[Page]) -> list[URLPattern]:
    """Django's URL table of these pages, each behind its gate."""
    return [path(page.path, guarded(page), name=page.name) for page in pages]


def guarded(page: Page) -> View:
    """The view of a page as the world reaches it."""
    gate = page.gate
    if gate is None:
        return page.view

    @wraps(page.view)
    def view(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        admitted = gate(request)
        if isinstance(admitted, HttpResponseBase):
            return admitted
        response = page.view(request, admitted, **parts)
        response.headers.setdefault("Cache-Control", "no-store")  # what one person may see is nobody else's
        return response

    return view


def access(pages: Iterable[Page]) -> Iterator[tuple[str, str]]:
    """Address and who may open it, in order, for the generated matrix."""
    for page in pages:
        yield "/" + page.path, page.gate.who if page.gate else "everybody"

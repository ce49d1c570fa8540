"""The frame of every page of the desk: whose desk it is, and where one can go from here."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from motcua.desk.gate import Seat


def show(
    request: HttpRequest, seat: Seat, template: str, context: dict[str, Any], *, here: str = "", status: int = 200
) -> HttpResponse:
    """A page of the desk; `here` names the entry of the left column that it belongs to."""
    return render(request, template, {"seat": seat, "here": here, **context}, status=status)

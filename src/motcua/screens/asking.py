"""What people type into a search box."""

from django.http import HttpRequest

LONGEST = 200  # characters of a question


def question(request: HttpRequest, name: str = "q") -> str:
    """What was typed, at most LONGEST characters, without signs that can't be seen."""
    typed = request.GET.get(name, "")[:LONGEST]
    return " ".join("".join(sign for sign in typed if sign.isprintable()).split())

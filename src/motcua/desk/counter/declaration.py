"""Tờ khai at the counter: the questions of a form with what was typed, and the form's content from it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from motcua.kernel.text import fold
from motcua.screens import forms

PREFIX = "c."
ROWS = 50  # of a table within a form


Posted = Mapping[str, str]
"""What a browser sent, by the names of the fields."""


@dataclass(frozen=True, slots=True)
class Field:
    """A question under the name that it has on the page, with what was typed; a table has rows of fields."""

    question: forms.Question
    name: str
    value: str = ""
    known: bool = False  # comes from the applicant when left empty
    rows: tuple[tuple["Field", ...], ...] = ()

    @property
    def needed(self) -> bool:
        """Must somebody fill it in here?"""
        return self.question.required and not self.known


Groups = list[tuple[str, list[Field]]]


def fields(schema: Mapping[str, Any], posted: Posted, known: Mapping[str, str]) -> tuple[Groups, Groups]:
    """The form's fields under their headings: those that somebody must fill in here, and the others.

    `known` is what the applicant's own data would give.
    """
    shown = [
        (group.title, [_field(PREFIX + question.name, question, posted, known) for question in group.questions])
        for group in forms.groups(schema)
    ]
    parts = [[(title, [f for f in own if f.needed is needed]) for title, own in shown] for needed in (True, False)]
    must, may = ([(title, own) for title, own in part if own] for part in parts)
    return must, may


def _field(name: str, question: forms.Question, posted: Posted, known: Mapping[str, str]) -> Field:
    rows: tuple[tuple[Field, ...], ...] = ()
    if question.kind == "rows":
        filled = [n for n in range(ROWS) if any(posted.get(f"{name}.{n}.{own.name}", "") for own in question.of)]
        rows = tuple(
            tuple(_field(f"{name}.{n}.{own.name}", own, posted, {}) for own in question.of)
            for n in range(min((filled[-1] if filled else -1) + 2, ROWS))
        )
    return Field(question, name, str(posted.get(name, "")), bool(known.get(question.prefill)), rows)


def content(schema: Mapping[str, Any], posted: Posted, known: Mapping[str, str]) -> tuple[dict[str, Any], set[str]]:
    """What was filled in, and the names of what the applicant's own data gave.

    What can't be read goes in as it was typed, so that the form itself says what is wrong with it.
    """
    questions = [question for group in forms.groups(schema) for question in group.questions]
    typed = forms.read(questions, posted, PREFIX)
    taken = {q.name for q in questions if typed[q.name] is None and known.get(q.prefill)}
    for question in questions:
        if question.name in taken:
            typed[question.name] = known[question.prefill]
        elif question.kind == "yes_no" and question.required and typed[question.name] is None:
            typed[question.name] = False  # a box that was not ticked
    return {name: value for name, value in typed.items() if value is not None}, taken


def day(typed: str) -> str:
    """17/5/1990 or 17051990 as 1990-05-17; anything else as it is."""
    found = forms.read_date(typed)
    return found.isoformat() if found else typed


def of_gender(woman: bool | None) -> str:
    """The forms' word for it."""
    return "" if woman is None else ("female" if woman else "male")


def summed_up(name: str) -> str:
    """What the general form asks to be settled, when it is the procedure itself."""
    return name if fold(name).startswith("de nghi") else f"Đề nghị giải quyết: {name}"

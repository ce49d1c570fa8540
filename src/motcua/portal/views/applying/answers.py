"""The case and the form: one question group on each screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from motcua.portal import actions, rules
from motcua.portal.gate import kept
from motcua.portal.views.applying.way import CASE, FORM, Way, onward, show
from motcua.procedures import api as procedures
from motcua.screens import forms, words

USUAL = "-"  # the answer "none of these cases"


def case_step(way: Way) -> HttpResponse:
    choices = [(USUAL, _("Không thuộc trường hợp nào dưới đây"), False)]
    choices += [(key, words.capital(name), True) for key, name in way.version.cases.items()]
    picked = way.draft.case or (USUAL if CASE in way.draft.done else "")
    errors = {}
    if way.request.method == "POST":
        picked = way.request.POST.get("truong-hop", "")
        if picked in {key for key, _name, _vi in choices}:
            actions.change_draft(
                draft=way.draft.id,
                scope=way.citizen.scope,
                now=way.now,
                case="" if picked == USUAL else picked,
                done=CASE,
            )
            return onward(way)
        errors["truong-hop"] = _("Chọn một trường hợp; nếu không có trường hợp nào đúng, chọn dòng đầu.")
    return show(way, "apply_case.html", errors, choices=choices, picked=picked)


@dataclass(frozen=True, slots=True)
class Field:
    """A question as it stands on the screen: its value, where the value came from, what is wrong with it."""

    question: forms.Question
    name: str
    value: str
    source: str = ""
    error: str = ""
    rows: tuple[tuple["Field", ...], ...] = field(default=())


def form_step(way: Way) -> HttpResponse:
    group = way.groups[int(way.slug.removeprefix(FORM)) - 1]
    known = rules.known_values(group.questions, way.citizen.known)
    content: dict[str, Any] = {name: way.draft.content.get(name) for name in group.names}
    if way.slug not in way.draft.done:
        content |= {name: value for name, value in known.items() if content[name] is None}
    errors: dict[str, str] = {}
    typed_before = kept(way.request) if way.request.method == "GET" else None
    if typed_before is not None:
        content = forms.read(group.questions, typed_before)
        actions.change_draft(draft=way.draft.id, scope=way.citizen.scope, now=way.now, fields=content)
    if way.request.method == "POST":
        content = forms.read(group.questions, way.request.POST.dict())
        quietly = "tu-luu" in way.request.POST
        more = way.request.POST.get("them", "")
        errors = {} if more or quietly else wrong_in(way, group, way.draft.content | content)
        finished = not (errors or more or quietly)
        actions.change_draft(
            draft=way.draft.id,
            scope=way.citizen.scope,
            now=way.now,
            fields=content,
            done=way.slug if finished else "",
            undone="" if finished or quietly else way.slug,
        )
        if quietly:
            return HttpResponse(status=204)
        if finished or "de-sau" in way.request.POST:
            return onward(way)
    more = way.request.POST.get("them", "")
    fields = [
        field_of(question, content.get(question.name), known.get(question.name), errors, more)
        for question in group.questions
    ]
    return show(
        way, "apply_form.html", errors, group=group, fields=fields, prefilled=bool(known), kept=typed_before is not None
    )


def field_of(question: forms.Question, value: Any, known: Any, errors: Mapping[str, str], more: str) -> Field:
    """A question with its value; a table has a row for each that was typed, one to begin with, one more if asked."""
    source = ""
    if known is not None:
        source = _("Từ ứng dụng định danh")
        if value != known:
            source = _("Ứng dụng định danh ghi: %(known)s. Cán bộ sẽ đối chiếu.") % {
                "known": forms.typed(question, known)
            }
    rows = []
    if question.kind == "rows":
        held = [row for row in value or [] if isinstance(row, dict)]
        wanted = max(1, len(held) + (more == question.name))
        for n, row in enumerate([*held, *({} for _more in range(wanted - len(held)))]):
            prefix = f"{question.name}.{n}"
            rows.append(
                tuple(
                    Field(
                        column,
                        f"{prefix}.{column.name}",
                        forms.typed(column, row.get(column.name)),
                        error=errors.get(f"{prefix}.{column.name}", ""),
                    )
                    for column in question.of
                )
            )
    return Field(
        question, question.name, forms.typed(question, value), source, errors.get(question.name, ""), tuple(rows)
    )


def wrong_in(way: Way, group: forms.Group, content: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong on this screen, by the name of the field."""
    filled = {name: value for name, value in content.items() if value is not None}
    found = [(error.path, error.message_vi) for error in procedures.validate(way.version, filled)]
    titles = {question.name: question.title for question in group.questions}
    return {
        name: in_words(titles, name, sentence, missing=name in titles and name not in filled)
        for name, sentence in rules.named_errors(group.names, found)
    }


def in_words(titles: Mapping[str, str], name: str, sentence: str, *, missing: bool) -> str:
    """The catalogue says what is wrong in Vietnamese; other languages are told at least which field it is."""
    if get_language() == "vi":
        return sentence
    title = words.vietnamese(titles.get(name.split(".")[0], name))
    if missing:
        return words.say(_("Cần điền “%(field)s”."), field=titles.get(name, name))
    return words.say(
        _("“%(field)s” chưa đúng: %(why)s"), field=str(titles.get(name.split(".")[0], title)), why=sentence
    )


def answer_of(question: forms.Question, value: Any) -> list[str]:
    """An answer as lines to read; [] for a blank one."""
    if value is None:
        return []
    if question.kind == "rows":
        columns = question.of
        return [
            "; ".join(f"{c.title}: {forms.typed(c, row[c.name])}" for c in columns if row.get(c.name) is not None)
            for row in value
            if isinstance(row, dict)
        ]
    if question.kind == "choice":
        return [dict(question.choices).get(str(value), str(value))]
    if question.kind in ("yes_no", "agree"):
        return [_("Có") if value is True else _("Không")]
    return forms.typed(question, value).split("\n")

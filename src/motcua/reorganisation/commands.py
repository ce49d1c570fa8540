"""`motcua reorganise VERB`: a change of units from its draft to its undoing."""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent
from motcua.procedures import api as procedures
from motcua.reorganisation import plans, verbs
from motcua.reorganisation.rules import reach, shipped, text
from motcua.reorganisation.rules.compiled import figures_of, known_before
from motcua.reorganisation.rules.findings import check
from motcua.reorganisation.rules.plan import Finding, Plan
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Verb:
    """One word after `motcua reorganise`."""

    help: str
    run: Callable[[Arguments], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


def _draft_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("day", metavar="DATE", help="the day on which the plan takes effect, as 2025-07-01")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where to write it (default: on the screen)")


def _draft(asked: Arguments) -> int:
    """Write the plan of a day from the tables of units before and after it."""
    try:
        on = date.fromisoformat(asked.day)
    except ValueError:
        raise Permanent("date-invalid", f"{asked.day!r} không phải là một ngày.", mend="Viết như 2025-07-01.") from None
    rows = units.read_rows()
    before, past = known_before(rows, on)
    after = units.known_on(rows if past else units.packaged_rows(), on)
    if not any(row[1] == on for row in after.periods):
        raise Permanent(
            "draft-empty",
            f"Không danh mục nào có thay đổi đơn vị vào ngày {on:%d/%m/%Y}.",
            mend=f"Các ngày đã biết: {', '.join(plans.NAMES)}. Kế hoạch khác viết bằng tay: docs/plan-format.md.",
        )
    if past:
        print(_as_known(on), file=sys.stderr)
    written = text.write(shipped.drafted(on.isoformat(), before, after))
    if asked.out is None:
        print(written, end="")
    else:
        asked.out.write_text(written, "utf-8")
        print(f"{asked.out}: {written.count(chr(10)):,} dòng.")
    return 0


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="FILE|NAME", help=f"a plan's file, or one of: {', '.join(plans.NAMES)}")
    parser.add_argument("--json", action="store_true", help="figures and findings as JSON")


def _check(asked: Arguments) -> int:
    """Say what is wrong with a plan, line by line; 1 when something is."""
    written = plans.text_of(asked.plan)
    plan, findings = text.read(written)
    told: dict[str, Any] = {"plan": plan.name if plan else asked.plan, "digest": text.digest(written)}
    past = False
    if plan is not None:
        rows, past = known_before(units.read_rows(), plan.on)
        findings = check(plan, rows, unresolved=partial(reach.unresolved, procedures.catalogue()))
        told["on"] = plan.on.isoformat()
        told["judged_as_known_on"] = (plan.on - timedelta(days=1)).isoformat() if past else None
        told["units"] = {level: {"before": old, "after": new} for level, (old, new) in figures_of(plan, rows).items()}
    told["findings"] = [asdict(finding) for finding in findings]
    if asked.json:
        print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    else:
        _print_check(plan, findings, told.get("units", {}), past)
    return 1 if findings else 0


def _print_check(
    plan: Plan | None, findings: tuple[Finding, ...], figures: Mapping[str, Mapping[str, int]], past: bool
) -> None:
    if plan is not None:
        print(f"Kế hoạch {plan.name}: {plan.title}")
        print(f"Căn cứ {plan.resolution} ngày {plan.resolved_on:%d/%m/%Y}; có hiệu lực từ ngày {plan.on:%d/%m/%Y}.")
        for level, words in text.LEVEL_WORDS.items():
            found = figures[level]
            print(f"  cấp {words}: {found['before']:,} → {found['after']:,}".replace(",", "."))
        if past:
            print(_as_known(plan.on))
    for finding in findings:
        place = f"Dòng {finding.line}" if finding.line else "Cả kế hoạch"
        print(f"{place}: {finding.words} {finding.mend} [{finding.kind}]")
    print(f"{len(findings)} điều phải sửa." if findings else "Không có gì phải sửa.")


def _as_known(on: date) -> str:
    eve = on - timedelta(days=1)
    return f"Danh mục đang có đã chứa thay đổi của ngày này: xét theo danh mục như đã biết ngày {eve:%d/%m/%Y}."


VERBS: dict[str, Verb] = {
    "draft": Verb("Write the first draft of a plan from the tables of units", _draft, _draft_arguments),
    "check": Verb("Find what is wrong with a plan; each finding names its line", _check, _check_arguments),
    **{name: Verb(*verb) for name, verb in verbs.LIFE.items()},
}


def _arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, verb in VERBS.items():
        verb.arguments(words.add_parser(name, help=verb.help, description=verb.help))


def _run(asked: Arguments) -> int:
    return VERBS[asked.verb].run(asked)


COMMANDS: tuple[Command, ...] = (
    Command("reorganise", "Plan, check, rehearse, approve, apply and undo a change of units", _run, _arguments),
)

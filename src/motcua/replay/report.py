"""A replay's report, as sentences and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from motcua.replay.actions import Report

SHOWN = 10  # so many codes of each finding


def percentile(times: Sequence[float], share: float) -> float:
    """The time that this share of the calls stayed within."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def as_json(report: Report) -> dict[str, Any]:
    """Everything that was measured. Times in milliseconds, rates per second."""
    tally, balance, scenario = report.tally, report.balance, report.scenario
    return {
        "scenario": scenario.name,
        "start": scenario.start.isoformat(),
        "days": len(scenario.days),
        "seed": scenario.seed,
        "planned": scenario.total,
        "balanced": report.balanced,
        "sent": {
            "filings": tally.filings,
            "steps": tally.steps,
            "repeated": tally.repeated,
            "mistakes": tally.mistakes,
        },
        "acknowledged": {"filings": len(tally.dossiers), "steps": tally.steps_acknowledged},
        "there": balance.there,
        "there_before": balance.before,
        "lost": balance.lost,
        "doubled": balance.doubled,
        "differing": balance.differing,
        "unanswered": tally.unanswered,
        "repeated_with_another_answer": tally.differing,
        "mistakes_let_in": tally.mistakes_let_in,
        "closed_by_timer": balance.closed,
        "timers": dict(tally.timers),
        "refused": dict(tally.refused.most_common()),
        "retried": tally.retried,
        "seconds": round(tally.seconds, 1),
        "filings_per_second": round(len(tally.dossiers) / tally.seconds, 1) if tally.seconds else None,
        "steps_per_second": round(tally.steps_acknowledged / tally.seconds, 1) if tally.seconds else None,
        "milliseconds": {
            kind: {
                "requests": len(times),
                "p50": round(percentile(times, 0.5) * 1000, 2),
                "p95": round(percentile(times, 0.95) * 1000, 2),
                "p99": round(percentile(times, 0.99) * 1000, 2),
            }
            for kind, times in sorted(tally.times.items())
        },
    }


def as_text(report: Report) -> Iterator[str]:
    """The same for a person."""
    found = as_json(report)
    sent, known = found["sent"], found["acknowledged"]
    yield f"{found['scenario']} from {found['start']}, {found['days']} days, seed {found['seed']}: {found['seconds']} s"
    for kind in ("filings", "steps"):
        rate = found[f"{kind}_per_second"]
        yield f"  {kind:<10}{sent[kind]:>9,} sent  {known[kind]:>9,} acknowledged  {rate:>8}/s"
    yield (
        f"  sent again {sent['repeated']:,}, with a mistake first {sent['mistakes']:,}, retried {found['retried']:,}, "
        f"closed by a timer {found['timers'].get('close', 0):,}, warned {found['timers'].get('warn', 0):,}"
    )
    for kind, times in found["milliseconds"].items():
        yield (
            f"  {kind:<10}{times['requests']:>9,} requests  p50 {times['p50']:>8} ms  p95 {times['p95']:>8} ms  "
            f"p99 {times['p99']:>8} ms"
        )
    for problem, count in found["refused"].items():
        yield f"  refused   {count:>9,} {problem}"
    yield f"  there     {found['there']:>9,} dossiers counted, {found['there_before']:,} of them from before"
    for name in ("lost", "doubled", "differing", "unanswered", "repeated_with_another_answer", "mistakes_let_in"):
        codes = found[name]
        shown = ": " + ", ".join(map(str, codes[:SHOWN])) if codes else ""
        yield f"  {name.replace('_', ' '):<29}{len(codes):>6,}{shown}"
    yield "The books balance." if found["balanced"] else "The books do NOT balance."

"""The figures of the exchange in the text format of Prometheus."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from motcua.exchange import queries
from motcua.exchange.queries import LineRow

GAUGES: dict[str, tuple[str, Callable[[LineRow, datetime], int]]] = {
    "open": ("parcels that are written and not ended", lambda line, now: line.open),
    "dead_letters": ("parcels that need a person", lambda line, now: line.dead),
    "oldest_seconds": ("age of the oldest open parcel", lambda line, now: _age(line.oldest_at, now)),
    "done_in_hour": ("parcels that ended well within the hour", lambda line, now: line.done_in_hour),
    "failures_in_row": ("batches in a row that nobody answered", lambda line, now: line.failures),
    "shut": ("1 while the breaker is open", lambda line, now: int(_shut(line, now))),
    "silent_seconds": ("time since the partner last took anything", lambda line, now: _age(line.ok_at, now)),
}


def figures(now: datetime) -> str:
    """Every line's gauges, one text for a collector. No ids, no subjects, no words of a partner."""
    return "\n".join(_written(queries.lines(now - timedelta(hours=1)), now)) + "\n"


def _written(lines: tuple[LineRow, ...], now: datetime) -> Iterator[str]:
    for name, (about, value) in GAUGES.items():
        yield f"# HELP motcua_exchange_{name} {about}"
        yield f"# TYPE motcua_exchange_{name} gauge"
        for line in lines:
            yield f'motcua_exchange_{name}{{partner="{_quoted(line.partner)}"}} {value(line, now)}'
    yield "# HELP motcua_exchange_errors_in_hour parcels whose last answer within the hour was an error, by its kind"
    yield "# TYPE motcua_exchange_errors_in_hour gauge"
    for line in lines:
        for kind, count in line.errors_in_hour:
            yield f'motcua_exchange_errors_in_hour{{partner="{_quoted(line.partner)}",kind="{kind}"}} {count}'


def _age(moment: datetime | None, now: datetime) -> int:
    return int((now - moment).total_seconds()) if moment else 0


def _shut(line: LineRow, now: datetime) -> bool:
    return line.shut_until is not None and now < line.shut_until


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")

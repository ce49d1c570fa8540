"""`motcua replay`: drive a running server with a realistic workload, and balance the books."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from tqdm import tqdm

from motcua.kernel import clock
from motcua.kernel.calendar import national
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent
from motcua.replay.client import Server
from motcua.replay.scenarios import plans


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", choices=("week", "hcmc-45-days"), default="week")
    parser.add_argument("--share", type=float, default=0.01, metavar="0.01..1", help="of the city's 535,893 dossiers")
    parser.add_argument("--start", type=date.fromisoformat, metavar="DATE",
                        help="first day of the week (default: the last five working days)")  # fmt: skip
    parser.add_argument("--dossiers", type=int, default=plans.WEEK_TOTAL, metavar="N", help="in the week")
    parser.add_argument("--server", metavar="URL", help="a server started for a replay (default: start one)")
    parser.add_argument("--token", metavar="FILE", help="where the token for --server is; - reads it from the input")
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed sends the same dossiers, and adds none twice"
    )
    parser.add_argument("--connections", type=int, default=16, metavar="N")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _run(asked: Arguments) -> int:
    from motcua.replay import actions, report

    now = clock.now()
    scenario = _scenario(asked)
    with (
        tqdm(desc="filed", total=scenario.total, disable=None, file=sys.stderr) as filed,
        tqdm(desc="counted", total=scenario.total, disable=None, file=sys.stderr) as counted,
    ):
        done = actions.play(
            scenario=scenario,
            server=_server(asked),
            connections=asked.connections,
            now=now,
            progress=filed.update,
            found=counted.update,
        )
    if asked.json:
        print(json.dumps(report.as_json(done), ensure_ascii=False, indent=1))
    else:
        print("\n".join(report.as_text(done)))
    return 0 if done.balanced else 1


def _scenario(asked: Arguments) -> plans.Scenario:
    if not 1 <= asked.connections <= 256:
        raise Permanent("connections-invalid", f"--connections is 1 to 256, not {asked.connections}.")
    if asked.scenario == "week":
        if asked.dossiers < 1:
            raise Permanent("dossiers-invalid", f"--dossiers is at least 1, not {asked.dossiers}.")
        calendar = national()
        first = asked.start or plans.last_week_before(clock.today(), calendar)
        return plans.week(first, asked.seed, calendar, asked.dossiers)
    if not 0 < asked.share <= 1:
        raise Permanent("share-invalid", f"--share is above 0 and at most 1, not {asked.share}.")
    return plans.city(asked.share, asked.seed)


def _server(asked: Arguments) -> Server | None:
    if asked.server is None:
        return None
    url = urlsplit(asked.server)
    if url.scheme != "http" or not url.hostname:
        raise Permanent("server-invalid", f"--server is an address such as http://127.0.0.1:8000, not {asked.server}.")
    if not asked.token:
        raise Permanent("token-missing", "--server needs --token FILE.", mend="Make one with `motcua token issue`.")
    secret = sys.stdin.readline() if asked.token == "-" else Path(asked.token).read_text(encoding="ascii")  # noqa: S105
    return Server(url.hostname, url.port or 80, secret.strip())


COMMANDS: tuple[Command, ...] = (
    Command("replay", "Drive a server with a realistic workload and count what became of it", _run, _arguments),
)

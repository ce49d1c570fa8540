"""Sends a scenario to a running server: each dossier's acts in their order, everything else as the hour brings it.

A queue ordered by the scenario's moment holds what is next for each dossier; a dossier's next act enters it when the
last one was answered. Each connection takes the first and waits for its answer. What a person would take with a whole
folder (the post's bag, hand-overs, signatures) goes out as one batch.
"""

import asyncio
import heapq
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import uvloop

from motcua.dossiers import api as dossiers
from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.errors import Permanent, Transient
from motcua.kernel.terms import add_working
from motcua.replay import books
from motcua.replay.books import Acknowledged, Tally
from motcua.replay.client import API, Away, Caller, Server, request
from motcua.replay.scenarios.lives import FOLDERS, Act
from motcua.replay.scenarios.plans import Plan, Scenario, end_of

FOLDER = 100  # at most so many in one batch


class Receipt(msgspec.Struct):
    """What is read of a receipt."""

    code: str
    state: str
    due_at: datetime | None
    reception: str = ""
    resolving: str = ""


class Problem(msgspec.Struct):
    """What is read of a problem document."""

    type: str = ""


class Outcome(msgspec.Struct):
    """What is read of one of many."""

    key: str
    status: int
    receipt: Receipt | None = None
    step: Receipt | None = None
    problem: Problem | None = None


class Outcomes(msgspec.Struct):
    outcomes: list[Outcome]


_receipt = msgspec.json.Decoder(Receipt)
_problem = msgspec.json.Decoder(Problem)
_outcomes = msgspec.json.Decoder(Outcomes)


@dataclass(slots=True)
class _Open:
    """A dossier on its way: what is next is `acts[next]`."""

    plan: Plan
    next: int = -1  # -1: to be filed

    @property
    def act(self) -> Act | None:
        return self.plan.acts[self.next] if self.next >= 0 else None


Queued = tuple[datetime, str, str, int, _Open]  # the order, then the dossier


class Drive:
    """One run of a scenario against one server."""

    def __init__(
        self,
        scenario: Scenario,
        server: Server,
        connections: int,
        calendar: WorkingCalendar,
        progress: Callable[[int], Any] = lambda filed: None,
        positions: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        """`positions` gives by identifier of the agency and role who takes its steps."""
        self.scenario = scenario
        self.server = server
        self.calendar = calendar
        self.progress = progress
        self.positions = positions or {}
        self.tally = Tally()
        self.before: dict[str, str] = {}
        self.queue: list[Queued] = []
        self.flying = 0
        self.idle: list[asyncio.Future[None]] = []
        self.callers = [Caller(server) for _ in range(connections)]
        self.runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)

    def run(
        self, days: Iterator[tuple[date, list[Plan]]], evening: Callable[[datetime], Mapping[str, int]] | None = None
    ) -> Tally:
        """Send everything, day by day; `evening` is called with each day's last moment."""
        started = time.perf_counter()
        self.runner.run(self._probe())
        for day, plans in days:
            self.before |= self.walk(
                books.last_numbers(f"{plan.application['reception']}-{day:%y%m%d}-0" for plan in plans)
            )
            for plan in plans:
                self._push(_Open(plan))
            end = end_of(day)
            self.runner.run(self._until(end))
            if evening is not None:
                self.tally.timers.update(evening(end))
        self.tally.seconds = time.perf_counter() - started
        return self.tally

    def walk(self, numbers: Mapping[books.Book, int], found: Callable[[int], Any] = lambda n: None) -> dict[str, str]:
        """The state of each dossier in these books that is in the server now."""
        return self.runner.run(books.walk(self.server, self.callers, numbers.items(), found))

    def balance(self, found: Callable[[int], Any] = lambda n: None) -> books.Balance:
        """Count what is there and compare."""
        numbers = books.last_numbers([*self.before, *(dossier.code for dossier in self.tally.dossiers.values())])
        return books.balance(self.tally, self.before, self.walk(numbers, found))

    def close(self) -> None:
        for caller in self.callers:
            caller.close()
        self.runner.close()

    async def _probe(self) -> None:
        """Refuse to write into a server whose clock is not the scenario's: such a one ignores an unreadable moment."""
        try:
            status, _ = await self.callers[0].call_patiently(
                request(self.server, "GET", f"{API}/dossiers/x", headers={"Motcua-Now": "?"})
            )
        except Away as away:
            raise Transient("server-away", "Không kết nối được với máy chủ.", mend=str(away)) from away
        if status == 401:
            raise Permanent("token-unknown", "Máy chủ không nhận thẻ truy cập này.", mend="Xem --token.")
        if status != 400:
            raise Permanent(
                "not-a-replay-server",
                "Máy chủ này theo đồng hồ thật: không phát lại vào đó.",
                mend="Bỏ --server, hoặc khởi động máy chủ đó bằng `motcua serve --replay`.",
            )

    # --- the queue ------------------------------------------------------------------------------------------------

    def _push(self, dossier: _Open) -> None:
        """Put what is next for a dossier in its place; nothing when that lies after the scenario's end."""
        if dossier.next >= len(dossier.plan.acts):
            return
        act = dossier.act
        if act is None:
            entry = (dossier.plan.at, "", str(dossier.plan.application["reception"]), dossier.plan.number, dossier)
        else:
            system = str(dossier.plan.application["reception"]).split(".")[0]  # each province's own sends its batches
            entry = (act.at, act.step, system, dossier.plan.number, dossier)
        if entry[0] > self.scenario.end:
            return
        heapq.heappush(self.queue, entry)
        if self.idle:
            self.idle.pop().set_result(None)

    async def _until(self, end: datetime) -> None:
        """Send all that happens up to that moment."""
        async with asyncio.TaskGroup() as group:
            for caller in self.callers:
                group.create_task(self._serve(caller, end))

    async def _serve(self, caller: Caller, end: datetime) -> None:
        while True:
            if self.queue and self.queue[0][0] <= end:
                self.flying += 1
                try:
                    await self._send(caller, self._take())
                finally:
                    self.flying -= 1
                if self.flying == 0:
                    self._wake()
            elif self.flying:
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self.idle.append(future)
                await future
            else:
                self._wake()
                return

    def _wake(self) -> None:
        for future in self.idle:
            future.set_result(None)
        self.idle.clear()

    def _take(self) -> list[_Open]:
        """The first in the queue, with all that goes in the same folder."""
        at, step, place, _, first = heapq.heappop(self.queue)
        taken = [first]
        if step in FOLDERS or (step == "" and first.plan.folder):
            while (
                len(taken) < FOLDER
                and self.queue
                and self.queue[0][:3] == (at, step, place)
                and self.queue[0][4].plan.folder == first.plan.folder
            ):
                taken.append(heapq.heappop(self.queue)[4])
        return taken

    # --- sending --------------------------------------------------------------------------------------------------

    async def _send(self, caller: Caller, folder: Sequence[_Open]) -> None:
        act = folder[0].act
        try:
            if act is None and folder[0].plan.folder:
                await self._file_many(caller, folder)
            elif act is None:
                await self._file(caller, folder[0])
            elif act.step in FOLDERS:
                await self._step_many(caller, folder, act)
            else:
                await self._step(caller, folder[0], act)
        except Away:
            self.tally.unanswered.extend(self._key(dossier) for dossier in folder)

    async def _file(self, caller: Caller, dossier: _Open) -> None:
        plan = dossier.plan
        path = f"{API}/dossiers"
        if plan.wrong is not None:
            wrong = self._request(path, plan.wrong, plan.at, f"{self._key(dossier)}:wrong")
            status, body = await self._call(caller, "file", wrong)
            self.tally.mistakes += 1
            if status == 201:
                self.tally.mistakes_let_in.append(plan.number)
            else:
                self.tally.refused[_kind(body)] += 1
        data = self._request(path, plan.application, plan.at, self._key(dossier))
        self.tally.filings += 1
        status, body = await self._call(caller, "file", data)
        if plan.twice:
            self.tally.repeated += 1
            if await self._call(caller, "repeat", data) != (status, body):
                self.tally.differing.append(plan.number)
        if status == 201:
            self._filed(dossier, _receipt.decode(body))
        else:
            self._refused(dossier, status, _kind(body))

    async def _file_many(self, caller: Caller, folder: Sequence[_Open]) -> None:
        body = {"dossiers": [{**dossier.plan.application, "key": self._key(dossier)} for dossier in folder]}
        self.tally.filings += len(folder)
        outcomes = await self._many(caller, "file_many", f"{API}/dossiers/batch", body, folder[0].plan.at, len(folder))
        for dossier, outcome in zip(folder, outcomes, strict=True):
            if outcome.receipt:
                self._filed(dossier, outcome.receipt)
            else:
                self._refused(dossier, outcome.status, _slug(outcome.problem))

    async def _step(self, caller: Caller, dossier: _Open, act: Act) -> None:
        code = self.tally.dossiers[dossier.plan.number].code
        data = self._request(f"{API}/dossiers/{code}/steps", self._given(dossier, act), act.at, self._key(dossier))
        self.tally.steps += 1
        status, body = await self._call(caller, "step", data)
        if status == 201:
            self._stepped(dossier, _receipt.decode(body))
        else:
            self._refused(dossier, status, f"{act.step}: {_kind(body)}")

    async def _step_many(self, caller: Caller, folder: Sequence[_Open], act: Act) -> None:
        body = {
            "steps": [
                {
                    "dossier": self.tally.dossiers[dossier.plan.number].code,
                    "key": self._key(dossier),
                    **self._given(dossier, act),
                }
                for dossier in folder
            ]
        }
        self.tally.steps += len(folder)
        outcomes = await self._many(caller, "step_many", f"{API}/steps/batch", body, act.at, len(folder))
        for dossier, outcome in zip(folder, outcomes, strict=True):
            if outcome.step:
                self._stepped(dossier, outcome.step)
            else:
                self._refused(dossier, outcome.status, f"{act.step}: {_slug(outcome.problem)}")

    async def _many(
        self, caller: Caller, kind: str, path: str, body: Mapping[str, Any], at: datetime, count: int
    ) -> list[Outcome]:
        status, answer = await self._call(caller, kind, self._request(path, body, at, ""))
        if status >= 300:  # the whole batch
            return [Outcome("", status, problem=Problem(f":{_kind(answer)}"))] * count
        return _outcomes.decode(answer).outcomes

    async def _call(self, caller: Caller, kind: str, data: bytes) -> tuple[int, bytes]:
        started = time.perf_counter()
        answer = await caller.call_patiently(data, self._retried)
        self.tally.times[kind].append(time.perf_counter() - started)
        return answer

    def _retried(self) -> None:
        self.tally.retried += 1

    def _request(self, path: str, body: Mapping[str, Any], at: datetime, key: str) -> bytes:
        headers = {"Motcua-Now": at.isoformat()}
        if key:
            headers["Idempotency-Key"] = key
        return request(self.server, "POST", path, msgspec.json.encode(body), headers)

    def _key(self, dossier: _Open) -> str:
        """The same in every run of the same scenario, so that a second run adds nothing."""
        return f"{self.scenario.key}:{dossier.plan.number}:{dossier.next + 1}"

    def _given(self, dossier: _Open, act: Act) -> dict[str, Any]:
        given: dict[str, Any] = {"step": act.step}
        position = self._position(self.tally.dossiers[dossier.plan.number], act.step)
        if position is not None:
            given["position"] = position
        if act.reason:
            given["reason"] = act.reason
        if act.agency:
            given["agency"] = act.agency
        if act.extend_by:
            due_at = self.tally.dossiers[dossier.plan.number].due_at or act.at
            given["new_due"] = add_working(due_at, act.extend_by, self.calendar).isoformat()
        return given

    def _position(self, dossier: Acknowledged, name: str) -> int | None:
        """Whose hand it is: somebody in that role at the agency where the step is taken, if it has anybody."""
        step = dossiers.STEP[name]
        org = {"reception": dossier.reception, "resolving": dossier.resolving}.get(step.at, dossier.consulted)
        held = (self.positions.get((org, actor)) for actor in sorted(step.by))
        return next((position for position in held if position is not None), None)

    # --- what came back -------------------------------------------------------------------------------------------

    def _filed(self, dossier: _Open, receipt: Receipt) -> None:
        self.tally.dossiers[dossier.plan.number] = Acknowledged(
            receipt.code, receipt.state, receipt.due_at, receipt.reception, receipt.resolving
        )
        self.progress(1)
        self._go_on(dossier)

    def _stepped(self, dossier: _Open, receipt: Receipt) -> None:
        known = self.tally.dossiers[dossier.plan.number]
        known.state, known.due_at = receipt.state, receipt.due_at
        if dossier.act and dossier.act.agency:
            known.consulted = dossier.act.agency
        self.tally.steps_acknowledged += 1
        self._go_on(dossier)

    def _go_on(self, dossier: _Open) -> None:
        dossier.next += 1
        self._push(dossier)

    def _refused(self, dossier: _Open, status: int, kind: str) -> None:
        """A refused filing ends there; after a refused step the dossier is left as it stands."""
        if status >= 500:
            self.tally.unanswered.append(self._key(dossier))
            return
        self.tally.refused[kind] += 1
        if dossier.next < 0:
            self.tally.refused_filings += 1
            self.progress(1)


def _kind(body: bytes) -> str:
    try:
        return _slug(_problem.decode(body))
    except msgspec.DecodeError:
        return "unreadable"


def _slug(problem: Problem | None) -> str:
    return problem.type.rpartition(":")[2] if problem else "none"

"""The worker's loop."""

import threading
from datetime import datetime

import pytest

from motcua.config.working import work
from motcua.kernel.job import Job


class Steps:
    """A stop event that lets the loop go round a number of times without waiting."""

    def __init__(self, rounds: int) -> None:
        self.left = rounds
        self.waits: list[float] = []

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False


def run(rounds: int, *jobs: Job) -> Steps:
    steps = Steps(rounds)
    work(jobs, stop=steps)  # type: ignore[arg-type]
    return steps


def idle(name: str, every: int, runs: list[str]) -> Job:
    """A job that notes its run and finds nothing to do."""

    def note(now: datetime) -> int:
        runs.append(name)
        return 0

    return Job(name, every, note)


def test_each_job_runs_at_once_and_then_waits_for_its_turn() -> None:
    runs: list[str] = []
    steps = run(3, idle("a", 60, runs), idle("b", 300, runs))
    assert runs == ["a", "b", "a"]
    assert steps.waits[:2] == [0.0, 0.0]
    assert 50 < steps.waits[2] <= 60


def test_a_job_that_did_something_runs_again_at_once_but_after_the_others_that_are_due() -> None:
    runs: list[str] = []
    left = {"busy": 2}

    def busy(now: datetime) -> int:
        runs.append("busy")
        left["busy"] -= 1
        return left["busy"]

    run(3, Job("busy", 300, busy), idle("other", 300, runs))
    assert runs == ["busy", "other", "busy"]


def test_a_job_that_fails_does_not_stop_the_others_and_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[str] = []

    def broken(now: datetime) -> int:
        runs.append("broken")
        raise RuntimeError("no such luck")

    run(3, Job("broken", 1, broken), idle("sound", 300, runs))
    assert runs == ["broken", "sound", "broken"]
    assert "job broken failed" in caplog.text


def test_a_stop_that_is_asked_for_while_waiting_ends_the_loop() -> None:
    stop = threading.Event()

    def ask(now: datetime) -> int:
        stop.set()
        return 1

    work([Job("ask", 1, ask)], stop=stop)
    assert stop.is_set()

"""A folder of its own for what a test stages, also beside another process of the suite, and blocks of few rows."""

from pathlib import Path

import pytest


@pytest.fixture
def staged_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.CONVERSION", tmp_path / "conversion")
    monkeypatch.setattr("motcua.conversion.staging.IN_TURN", 4)  # so that both threads have a part of a small file

"""A folder of its own for what a test stages, also beside another process of the suite."""

from pathlib import Path

import pytest


@pytest.fixture
def staged_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.CONVERSION", tmp_path / "conversion")

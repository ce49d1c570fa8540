"""The catalogue of procedures in memory: search as people type it."""

import time
from datetime import date

from bench import _site
from motcua.procedures import api as procedures

TARGETS = {"search, slowest of the words (ms)": "< 5"}
ON = date(2026, 11, 22)
WORDS = ("khai sinh", "khaisinh", "dang ky ket hon", "chứng thực bản sao", "giay phep xay dung", "x", "thủ tục đăng ký")


def measure() -> dict[str, float]:
    """Milliseconds a search, the best of three rounds for each of the words."""
    _site.use(_site.database("catalogue"))
    catalogue = procedures.catalogue()
    times = {}
    for words in WORDS:
        rounds = []
        for _ in range(3):
            began = time.perf_counter()
            for _ in range(20):
                catalogue.search(words, ON)
            rounds.append((time.perf_counter() - began) / 20 * 1000)
        times[words] = min(rounds)
    return {
        "search, mean of the words (ms)": sum(times.values()) / len(times),
        "search, slowest of the words (ms)": max(times.values()),
    }

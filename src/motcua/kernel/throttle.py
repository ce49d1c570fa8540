"""Wrong secrets cost waiting time: the place they come from waits, longer with each, and is forgiven a little a minute.

In the memory of the process and of bounded size; nothing is written down. docs/decisions/wrong-secrets.md says why so.
"""

import hashlib
import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from time import monotonic

from motcua.kernel.errors import Permanent, Transient

FREE = 10  # wrong tries before the first wait
FORGIVEN = 60.0  # seconds after which one wrong try is forgotten
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0  # seconds; each further wrong try doubles the wait
PLACES = 20_000  # at most so many places are remembered, those heard of last
KNOWN = 15 * 60.0  # seconds for which a pair that was right is let in without waiting


def place_of(address: str) -> str:
    """Where a caller sits: an IPv4 address, or the /64 of an IPv6 one, since a household gets that many at once."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(ip, ipaddress.IPv6Address):
        mapped = ip.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


class TooManyWrong(Transient):
    """Too many wrong secrets from this place: wait, then try again."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__(
            "too-many-wrong",
            f"Từ nơi này đã có quá nhiều lần nhập sai. Thử lại sau {wait} giây.",
            mend="Đợi rồi gửi lại; so lại mã hồ sơ và mã tra cứu với giấy tiếp nhận.",
            retry_after=wait,
        )
        self.wait = wait


class Throttle:
    """Counts wrong tries by place. Times are seconds of any clock that never goes back."""

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._wrong: OrderedDict[str, tuple[float, float, float]] = OrderedDict()  # level, as of, closed until
        self._right: OrderedDict[bytes, float] = OrderedDict()  # fingerprint of place and pair, known until
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, place: str, pair: str, now: float | None = None) -> Iterator[None]:
        """Try a secret within: raises TooManyWrong at once while the place has to wait.

        The try counts as wrong from the start, so that many at once gain nothing, and is given back unless what is
        within says that it was wrong (a Permanent failure).
        """
        now = monotonic() if now is None else now
        fingerprint = hashlib.blake2b(f"{place}\n{pair}".encode(), digest_size=16).digest()
        with self._lock:
            known = self._right.get(fingerprint, 0.0) > now
            if not known:
                self._count(place, now)
        try:
            yield
        except Permanent:
            raise
        except BaseException:
            if not known:
                self._give_back(place)
            raise
        if not known:
            self._give_back(place)
            with self._lock:
                self._right[fingerprint] = now + KNOWN
                while len(self._right) > self._places:
                    self._right.popitem(last=False)

    def _count(self, place: str, now: float) -> None:
        level, since, closed = self._wrong.get(place, (0.0, now, 0.0))
        if now < closed:
            raise TooManyWrong(ceil(closed - now))
        level = max(0.0, level - (now - since) / FORGIVEN) + 1
        if level > FREE - 1:  # the tenth, of which a little is forgiven already
            closed = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** max(0.0, min(level - FREE, 16.0)))
        self._wrong[place] = (level, now, closed)
        self._wrong.move_to_end(place)
        while len(self._wrong) > self._places:
            self._wrong.popitem(last=False)

    def _give_back(self, place: str) -> None:
        with self._lock:
            level, since, closed = self._wrong.get(place, (0.0, 0.0, 0.0))
            if level <= 1:
                self._wrong.pop(place, None)
            else:
                self._wrong[place] = (level - 1, since, 0.0 if level > FREE - 1 else closed)


secrets = Throttle()
"""The one for the secrets on slips, shared by the pages and the API of a process."""

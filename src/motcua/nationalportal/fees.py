"""What dossiers cost. Payments stand beside this module, so `config/wiring.py` says who knows."""

from collections.abc import Callable, Collection, Mapping, Sequence

from motcua.nationalportal.rules.fields import Fee

Reader = Callable[[Collection[str]], Mapping[str, Sequence[Fee]]]
_readers: list[Reader] = []


def learn_from(reader: Reader) -> None:
    """From now on this reader says what dossiers with given codes cost; one without fees need not be in its answer."""
    _readers[:] = [reader]


def fees_of(codes: Collection[str]) -> Mapping[str, Sequence[Fee]] | None:
    """The fees of these dossiers; None where nobody knows of fees: then nothing is told of them."""
    return _readers[0](codes) if _readers else None

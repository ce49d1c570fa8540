"""Keys from moment to moment, and signatures that another library checks."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import OKPKey

from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent, Transient
from motcua.signing import api as signing
from motcua.signing import keys
from motcua.signing.rules import Algorithm, Key, base64url, counts, header_of, read_detached, signed_bytes

NOW = datetime(2026, 8, 17, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: object) -> None:
    settings.SIGNING_KEYS = tmp_path / "agencies"  # type: ignore[attr-defined]


def checked(signature: str, payload: bytes, signed_at: datetime = NOW, known_at: datetime = NOW) -> str | int:
    [found] = signing.verify([signing.Signed(signature, payload, signed_at)], known_at=known_at)
    return found.problem if isinstance(found, NotAllowed) else found.agency


@pytest.mark.django_db
def test_an_agency_signs_and_only_its_own_words_verify() -> None:
    signing.make_keys([7, 8], now=NOW)
    one, two = signing.sign([(7, b"abc"), (8, b"abc")], now=NOW)
    assert (checked(one, b"abc"), checked(two, b"abc")) == (7, 8)
    assert checked(one, b"abd") == "signature-wrong"
    assert checked(one[:-4] + "AAAA", b"abc") == "signature-wrong"
    assert checked("x..y", b"abc") == "signature-unreadable"
    with pytest.raises(Permanent):
        signing.sign([(9, b"abc")], now=NOW)


@pytest.mark.django_db
def test_of_many_each_has_its_own_answer_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    signing.make_keys([7, 8], now=NOW)
    words = [(7 + n % 2, b"word %d" % n) for n in range(2 * keys.MANY + 1)]
    marks = signing.sign(words, now=NOW)
    marks[5], marks[40] = marks[3], "x..y"
    items = [signing.Signed(mark, word, NOW) for mark, (_, word) in zip(marks, words, strict=True)]
    answers = [a.problem if isinstance(a, NotAllowed) else a.agency for a in signing.verify(items, known_at=NOW)]
    assert answers == [
        {5: "signature-wrong", 40: "signature-unreadable"}.get(n, agency) for n, (agency, _) in enumerate(words)
    ]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # RFC 9864 would name it Ed25519; both are the same bytes
@pytest.mark.django_db
def test_another_library_reads_our_signatures() -> None:
    kid = signing.make_keys([7], now=NOW)[7]
    [signature] = signing.sign([(7, b"a.b,c")], now=NOW)
    public = serialization.load_der_public_key(signing.keys_of([7])[0].public)
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = OKPKey.import_key(pem)
    header, _, mark = signature.split(".")
    whole = f"{header}..{mark}"
    read = jws.deserialize_compact(whole, key, payload=b"a.b,c", registry=None, algorithms=["EdDSA", "Ed25519"])
    assert read.headers()["kid"] == kid == key.thumbprint()


@pytest.mark.django_db
def test_ps512_of_an_rsa_key_is_accepted() -> None:
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signing.accept_keys([signing.NewKey(7, public, NOW, None, "handed over")])
    [key] = signing.keys_of([7])
    header = header_of(key.kid, Algorithm.PS512)
    mark = private.sign(signed_bytes(header, b"abc"), keys.PSS, hashes.SHA512())
    assert checked(f"{header}..{base64url(mark)}", b"abc") == 7
    as_ed = header_of(key.kid, Algorithm.EDDSA)
    assert checked(f"{as_ed}..{base64url(mark)}", b"abc") == "signature-wrong"


@pytest.mark.django_db
def test_a_withdrawn_key_signs_no_more_and_nothing_counts_that_comes_later() -> None:
    kid = signing.make_keys([7], now=NOW)[7]
    [signature] = signing.sign([(7, b"abc")], now=NOW)
    signing.withdraw([kid], reason="lộ khóa", now=NOW + HOUR)
    with pytest.raises(Permanent):
        signing.sign([(7, b"abc")], now=NOW + 2 * HOUR)
    assert checked(signature, b"abc", NOW, NOW) == 7  # was known before
    assert checked(signature, b"abc", NOW, NOW + 2 * HOUR) == "key-not-in-force"  # backdated, for all we know
    with pytest.raises(NotFound):
        signing.withdraw([kid], reason="again", now=NOW)
    signing.make_keys([7], now=NOW + 2 * HOUR)
    assert checked(signing.sign([(7, b"x")], now=NOW + 2 * HOUR)[0], b"x", NOW + 2 * HOUR, NOW + 3 * HOUR) == 7


@pytest.mark.django_db
def test_private_halves_are_for_their_owner_only_and_no_key_has_two_owners() -> None:
    kid = signing.make_keys([7], now=NOW)[7]
    assert stat.S_IMODE((keys.folder() / f"{kid}.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.folder().stat().st_mode) == 0o700
    [key] = signing.keys_of([7])
    with pytest.raises(Conflict):
        signing.accept_keys([signing.NewKey(8, key.public, NOW, None, "theft")])
    assert signing.accept_keys([signing.NewKey(7, key.public, NOW, None, "again")]) == 0


hours = st.integers(-100, 100).map(lambda n: NOW + n * HOUR)


@given(hours, hours, st.none() | hours)
def test_what_counts_stops_counting_only_by_a_withdrawal(
    signed_at: datetime, known_at: datetime, gone: datetime | None
) -> None:
    key = Key("k", 7, Algorithm.EDDSA, b"", NOW - 50 * HOUR, NOW + 50 * HOUR, gone)
    in_force = key.valid_from <= signed_at < NOW + 50 * HOUR
    expected = in_force and (gone is None or (signed_at < gone and known_at < gone))
    assert counts(key, signed_at=signed_at, known_at=known_at) is expected


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_of_signatures(text: str) -> None:
    with pytest.raises(NotAllowed):
        read_detached(text)


@pytest.mark.django_db
def test_what_is_sealed_opens_for_its_agency_alone_and_another_library_seals_it_too() -> None:
    [kid] = signing.make_keys([7], now=NOW, algorithm=Algorithm.ECDH).values()
    sealed, none = signing.seal([(7, b"mat"), (8, b"mat")], now=NOW)
    assert none is None, "who has no key for it gets it as it is"
    assert sealed is not None
    assert b"mat" not in sealed.encode()
    assert signing.unseal(sealed) == b"mat"
    [key] = signing.keys_of([7])
    public = serialization.load_der_public_key(key.public)
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    theirs = OKPKey.import_key(pem)
    assert theirs.thumbprint() == kid
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": kid}
    other = jwe.encrypt_compact(header, b"cua ho", theirs, algorithms=["ECDH-ES+A256KW", "A256GCM"])
    assert signing.unseal(other) == b"cua ho"
    with pytest.raises(Permanent):
        signing.sign([(7, b"abc")], now=NOW)


@pytest.mark.django_db
def test_what_is_sealed_for_a_key_that_is_not_here_waits_and_what_was_tampered_with_is_refused() -> None:
    [kid] = signing.make_keys([7], now=NOW, algorithm=Algorithm.ECDH).values()
    [sealed] = signing.seal([(7, b"mat")], now=NOW)
    assert sealed is not None
    for broken in (sealed[:-4] + "AAAA", "x.y", sealed.replace(".", "..", 1)):
        with pytest.raises(Permanent):
            signing.unseal(broken)
    (keys.folder() / f"{kid}.pem").unlink()
    with pytest.raises(Transient) as said:
        signing.unseal(sealed)
    assert said.value.problem == "sealed-for-another-key"
    signing.withdraw([kid], reason="lộ", now=NOW)
    assert signing.seal([(7, b"mat")], now=NOW + HOUR) == [None]


@pytest.mark.django_db
def test_of_two_keys_the_eldest_signs_so_that_the_others_hear_of_the_next_in_time() -> None:
    old = signing.make_keys([7], now=NOW, valid_to=NOW + 10 * HOUR)[7]
    new = signing.make_keys([7], now=NOW + HOUR)[7]
    signers = [read_detached(signing.sign([(7, b"x")], now=NOW + hours * HOUR)[0])[1] for hours in (2, 11)]
    assert signers == [old, new]

#!/usr/bin/env python3
"""Check a proof from `motcua journal proof SEQ` without motcua. Needs only Python and the package `cryptography`.

    python3 verify_inclusion.py proof.json PUBLIC_KEY [HEAD]

PUBLIC_KEY is what `motcua journal key` printed, got by another way than the proof itself. HEAD, if given, is the
digest of a later seal that you hold already: the proof must then have been made with `--to` that seal.
Prints what was recorded and exits with 0, or says what doesn't hold and exits with 1.
"""

import base64
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a path leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ValueError("the place of the entry lies outside the seal")
    node, last = leaf, size - 1
    for other in path:
        if last == 0:
            raise ValueError("the path is too long")
        if index % 2 or index == last:
            node = sha256(b"\1" + other + node)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\1" + node + other)
        index, last = index // 2, last // 2
    if last:
        raise ValueError("the path is too short")
    return node


def fields(text: str) -> tuple[int, int, str, str]:
    """Number, size, root and previous digest of a seal's text."""
    kind, number, _, size, root, prev = text.split("\n")
    if kind != "motcua-seal-1":
        raise ValueError("this is not the text of a seal")
    return int(number), int(size), root, prev


def check(proof: dict, public_key: str, head: str = "") -> str:
    """The text of the entry that is proved; ValueError says what doesn't hold."""
    entry, inclusion, seal = proof["entry"], proof["inclusion"], proof["seal"]
    digest = sha256(bytes.fromhex(entry["prev"]) + entry["text"].encode())
    if digest.hex() != entry["digest"]:
        raise ValueError("the entry is not what its digest says")
    leaf = sha256(b"\0" + entry["seq"].to_bytes(8, "big") + digest)
    number, size, root, _ = fields(seal["text"])
    if size != inclusion["size"]:
        raise ValueError("the seal holds another number of entries")
    path = [bytes.fromhex(node) for node in inclusion["path"]]
    if root_of(leaf, inclusion["index"], size, path).hex() != root:
        raise ValueError("the path doesn't lead to the root of the seal")
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(bytes.fromhex(seal["signature"]), seal["text"].encode())
    except InvalidSignature:
        raise ValueError("this key didn't sign the seal") from None
    digest_of_seal = sha256(seal["text"].encode()).hex()
    for text in proof["later_seals"]:
        following, _, _, prev = fields(text)
        if (following, prev) != (number + 1, digest_of_seal):
            raise ValueError(f"seal {following} doesn't follow seal {number}")
        number, digest_of_seal = following, sha256(text.encode()).hex()
    if head and head != digest_of_seal:
        raise ValueError("the seals don't lead to the one that you hold")
    return entry["text"]


def main() -> int:
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            print(check(json.load(file), *sys.argv[2:]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        print(f"NOT PROVED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Chữ ký số of a message: XML signatures over the envelope and over each attachment by its ContentId."""

import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature as NotSignedBy
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from motcua.documents.envelope import Envelope
from motcua.documents.rules.reading import NAMESPACE, content_id
from motcua.kernel.errors import Permanent

if TYPE_CHECKING:
    from lxml import etree

DSIG = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
WHOLE = 16 * 1024 * 1024  # bytes of a message that may stand in memory whole; a signature over more isn't checked
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Standing(StrEnum):
    """What can be said of a message's signature."""

    NONE = "none"
    TRUSTED = "trusted"  # whole, and by somebody whose certificate we trust
    UNKNOWN = "unknown"  # whole, by somebody whom we don't know
    PARTIAL = "partial"  # whole, but doesn't cover the document and all its files
    BROKEN = "broken"
    UNCHECKED = "unchecked"  # it covers more than may stand in memory


WORDS: Mapping[Standing, str] = {
    Standing.NONE: "không có chữ ký số",
    Standing.TRUSTED: "chữ ký số hợp lệ, chứng thư đáng tin cậy",
    Standing.UNKNOWN: "chữ ký số khớp với nội dung, chưa biết chứng thư",
    Standing.PARTIAL: "chữ ký số khớp nhưng không phủ hết văn bản và tệp",
    Standing.BROKEN: "chữ ký số không khớp với nội dung",
    Standing.UNCHECKED: "chữ ký số phủ cả gói tin lớn, chưa kiểm tra",
}


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: a private key and its certificate, both PEM."""

    key: Key
    certificate: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a signature; `subject` is who signed, as the certificate says."""

    standing: Standing
    subject: str = ""
    why: str = ""


def load_signer(key: Path, certificate: Path) -> Signer:
    """A signer from two PEM files."""
    try:
        loaded = load_pem_private_key(key.read_bytes(), None)
        text = certificate.read_text(encoding="ascii")
        x509.load_pem_x509_certificate(text.encode())
    except (OSError, ValueError, TypeError) as error:
        raise Permanent("signer-unreadable", f"Khóa hoặc chứng thư không đọc được: {error}.") from error
    if not isinstance(loaded, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Permanent("signer-unreadable", "Khóa phải là RSA hoặc đường cong elliptic.")
    return Signer(loaded, text)


def sign(root: "etree._Element", reference: str, contents: Mapping[str, Path], signer: Signer) -> None:
    """Put a signature into the header of the message."""
    from lxml import etree
    from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod
    from signxml.signer import XMLSigner

    class _Signer(XMLSigner):
        """Adds a reference for each attachment, by its ContentId and the SHA-256 of its bytes."""

        def _build_sig(self, *given: Any, **named: Any) -> Any:
            info, value = super()._build_sig(*given, **named)  # type: ignore[no-untyped-call]
            for uri, path in contents.items():
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").digest()
                reference = etree.SubElement(info, f"{{{DSIG}}}Reference", URI=uri)
                etree.SubElement(reference, f"{{{DSIG}}}DigestMethod", Algorithm=SHA256)
                etree.SubElement(reference, f"{{{DSIG}}}DigestValue").text = base64.b64encode(digest).decode()
            return info, value

    header = root.find(f".//{{{NAMESPACE}}}edXMLHeader")
    assert header is not None
    placeholder = etree.SubElement(header, f"{{{DSIG}}}Signature", nsmap={"ds": DSIG})
    placeholder.set("Id", "placeholder")
    algorithm = "rsa-sha256" if isinstance(signer.key, rsa.RSAPrivateKey) else "ecdsa-sha256"
    made = _Signer(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=algorithm,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = made.sign(root, key=signer.key, cert=signer.certificate, reference_uri=reference)
    found = signed.find(f".//{{{DSIG}}}Signature")
    header.replace(placeholder, found)


def check(envelope: Envelope, path: Path, *, trusted: Sequence[x509.Certificate] = (), now: datetime) -> Checked:
    """What the signature of the message in this file is worth. Nothing outside of it is loaded."""
    if not envelope.signed:
        return Checked(Standing.NONE)
    from lxml import etree
    from signxml.exceptions import SignXMLException

    try:
        return _check(envelope, path, trusted, now)
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, KeyError, AttributeError, NotSignedBy) as error:
        return Checked(Standing.BROKEN, why=str(error)[:200])


def _check(envelope: Envelope, path: Path, trusted: Sequence[x509.Certificate], now: datetime) -> Checked:
    from lxml import etree
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    slim = etree.fromstring(_slim(envelope, path), parser)
    signatures = slim.findall(f".//{{{DSIG}}}Signature")
    if len(signatures) != 1:
        return Checked(Standing.BROKEN, why=f"{len(signatures)} chữ ký")
    uris = [
        element.get("URI", "") for element in signatures[0].iterfind(f".//{{{DSIG}}}SignedInfo/{{{DSIG}}}Reference")
    ]
    certificates = [x509.load_der_x509_certificate(base64.b64decode(element.text or ""))
                    for element in signatures[0].iterfind(f".//{{{DSIG}}}X509Certificate")]  # fmt: skip
    if not certificates:
        return Checked(Standing.BROKEN, why="không có chứng thư")
    certificate = certificates[0]
    whole = "" in uris or any(_covers_parts(slim, uri) for uri in uris)
    if whole and envelope.cuts and envelope.size > WHOLE:
        return Checked(Standing.UNCHECKED, _name(certificate))
    data = path.read_bytes() if whole and envelope.cuts else etree.tostring(slim)
    parts = {part.content_id: part for part in envelope.parts}

    def content(uri: str) -> bytes | None:
        found = parts.get(content_id(uri))
        if found is None or uri[:4].casefold() != "cid:":
            return None
        with found.open() as file:
            return file.read()

    results = XMLVerifier().verify(
        data,
        x509_cert=certificate,
        uri_resolver=content,
        parser=parser,
        expect_config=SignatureConfiguration(location=".//", expect_references=True),
    )
    assert isinstance(results, list)
    subject = _name(certificate)
    if not (whole or any(_covers_header(slim, uri) for uri in uris)):
        return Checked(Standing.PARTIAL, subject)
    if not whole and not {part.content_id for part in envelope.parts} <= {content_id(uri) for uri in uris}:
        return Checked(Standing.PARTIAL, subject)
    return Checked(Standing.TRUSTED if _is_trusted(certificate, trusted, now) else Standing.UNKNOWN, subject)


def _slim(envelope: Envelope, path: Path) -> bytes:
    """The message without what is base64."""
    made, at = io.BytesIO(), 0
    with path.open("rb") as file:
        for start, end in envelope.cuts:
            made.write(file.read(start - at))
            tag = file.read(min(end - start, 4096))
            made.write(tag[: tag.index(b">") + 1])
            file.seek(end)
            at = end
        made.write(file.read())
    return made.getvalue()


def _target(root: "etree._Element", uri: str) -> "etree._Element | None":
    found = (
        root.xpath("//*[@*[local-name() = 'Id' or local-name() = 'ID'] = $id]", id=uri[1:]) if uri[:1] == "#" else []
    )
    return found[0] if isinstance(found, list) and len(found) == 1 else None


def _has(element: "etree._Element | None", name: str) -> bool:
    from lxml import etree

    return element is not None and any(etree.QName(one).localname.casefold() == name for one in element.iter("*"))


def _covers_header(root: "etree._Element", uri: str) -> bool:
    """The signature covers what the document says: its header and the list of its files."""
    target = _target(root, uri)
    return _has(target, "messageheader") and _has(target, "edxmlmanifest") >= _has(root, "edxmlmanifest")


def _covers_parts(root: "etree._Element", uri: str) -> bool:
    return _has(_target(root, uri), "attachment")


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()[:200]


def _is_trusted(certificate: x509.Certificate, trusted: Sequence[x509.Certificate], now: datetime) -> bool:
    """Trusted itself, or issued by one that is, and in force now."""
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    for one in trusted:
        if one == certificate:
            return True
        try:
            certificate.verify_directly_issued_by(one)
        except (ValueError, TypeError, NotSignedBy):
            continue
        if one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            return True
    return False


def trusted_in(folder: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a folder of PEM files: those that this installation trusts."""
    return tuple(
        certificate
        for path in sorted(folder.glob("*.pem"))
        for certificate in x509.load_pem_x509_certificates(path.read_bytes())
    )

"""What tests and benches of documents share: an office's clerk who signs."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from motcua.documents.signatures import Signer

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)


def signer() -> Signer:
    """A key of this test's own, with a certificate by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Van thu")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), NOW, NOW + timedelta(days=3650)
    ).sign(key, hashes.SHA256())
    return Signer(key, made.public_bytes(Encoding.PEM).decode())

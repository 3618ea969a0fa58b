"""What keeps all but the holder of the S3 keys out of SeaweedFS, which would take any local user's word on its ports.

S3 asks for credentials by itself. Master and filer get no HTTP at all, the volume server takes and gives only what is
signed with keys of this stack, and gRPC needs a certificate of an authority that lives as long as the stack.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from e2e_validator.embedded.site import write_private

_COMPONENTS = ("volume", "master", "filer", "s3", "msg_broker", "msg_agent", "admin", "worker", "mq", "client")
_DAYS = 30


def lock(folder: Path) -> None:
    """Write ``security.toml`` (where weed looks for it: its working folder) and the certificates beside it."""
    authority = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("e2e-validator", authority.public_key(), "e2e-validator", authority, is_authority=True)
    leaf = _certificate("embedded-stack", key.public_key(), "e2e-validator", authority, is_authority=False)
    files = {"ca.pem": _pem(root), "stack.pem": _pem(leaf), "stack.key": _key(key)}
    for name, text in files.items():
        write_private(folder / name, text)
    write_private(folder / "security.toml", _settings(folder))


def _settings(folder: Path) -> str:
    lines = [
        f'[{section}]\nkey = "{secrets.token_hex(32)}"\nexpires_after_seconds = 3600\n'
        for section in ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
    ]
    lines.append(f'[grpc]\nca = "{folder / "ca.pem"}"\n')
    pair = f'cert = "{folder / "stack.pem"}"\nkey = "{folder / "stack.key"}"\n'
    return "\n".join([*lines, *(f"[grpc.{component}]\n{pair}" for component in _COMPONENTS)])


def _certificate(
    name: str,
    public: ec.EllipticCurvePublicKey,
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # The clock may be set back while a stack runs.
        .not_valid_before(now - timedelta(days=_DAYS))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

"""Which certificate authorities are believed: the system's, and those that the cluster publishes for itself."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

import certifi

from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.found import Found, Value
from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.names import CA_CONFIG_MAPS, CA_SECRETS, ROUTER_CA, ROUTES
from e2e_validator.deployment.namespace.refusals import NotAllowed
from e2e_validator.errors import UsageError

_BEGIN = "-----BEGIN CERTIFICATE-----"


def find_authorities(kube: Kube, namespace: str, keys: CachedKeys, found: Found) -> list[str]:
    """The certificates (PEM) that the cluster publishes, in config maps of the namespace and in places that are known.

    What may not be read is said, and left out: whether anything needs it is seen only when it is reached.
    """
    texts: list[str] = []
    origins: list[str] = []
    # One of a kind and a place is enough: the permission is the same.
    refused: dict[tuple[str, str], NotAllowed] = {}

    def keep(kind: str, place: str, name: str, key: str) -> None:
        try:
            read = keys.secret if kind == "secret" else keys.config_map
            text = (read(place, name) or {}).get(key, "")
        except NotAllowed as refusal:
            refused.setdefault((kind, place), refusal)
            return
        if _BEGIN in text and text not in texts:
            texts.append(text)
            origins.append(f"{kind} {name}")

    there: list[str] = []
    try:
        there = [entry["metadata"]["name"] for entry in kube.list("configmaps", namespace)]
    except NotAllowed as refusal:
        refused["config maps", namespace] = refusal
    for ending, key in CA_CONFIG_MAPS:
        for name in (name for name in there if name.endswith(ending)):
            keep("config map", namespace, name, key)
    for name, key in CA_SECRETS:
        keep("secret", namespace, name, key)
    keep("config map", *ROUTER_CA)
    router = ("config map", ROUTER_CA[0])
    if router in refused and not kube.serves(ROUTES):
        # Where there is no OpenShift there is nothing to read.
        del refused[router]
    for one in refused.values():
        found.warn(
            "ca",
            f"Certificate authorities of the cluster cannot be read: {one.description}; or give them with"
            " --set ca=FILE, where a certificate is not trusted without.",
        )
    if texts:
        count = sum(text.count(_BEGIN) for text in texts)
        found.put("ca", f"{count} certificates, and the system's", ", ".join(origins))
    return texts


def write_bundle(folder: Path, texts: Iterable[str], *, name: str = "ca.pem", system: bool = True) -> Path:
    """One file with the system's authorities and ``texts``."""
    parts = [Path(certifi.where()).read_text(encoding="utf-8")] if system else []
    default = ssl.get_default_verify_paths().cafile
    if system and default and Path(default).is_file():
        parts.append(Path(default).read_text(encoding="utf-8", errors="replace"))
    path = folder / name
    path.write_text("\n".join([*parts, *texts, ""]), encoding="utf-8")
    return path


def read_certificates(origin: str, file: str) -> str:
    """The certificates in a file that was given by hand.

    Raises:
        UsageError: it cannot be read, or holds none.
    """
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{origin}: {file} cannot be read ({type(error).__name__}).") from None
    if _BEGIN not in text:
        raise UsageError(f"{origin}: {file} holds no certificate in PEM.")
    return text


def certificates_of(ca: Value) -> str:
    """The certificates of a setting: the text that a secret has, or the file that was given; raises UsageError."""
    return ca.value if _BEGIN in ca.value else read_certificates(ca.origin, ca.value)

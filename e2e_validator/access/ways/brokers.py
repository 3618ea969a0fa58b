"""How Kafka is connected to: settings for its clients, and brokers that are reached elsewhere than they say."""

from __future__ import annotations

import ssl
import warnings
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from e2e_validator.errors import Blocked
from e2e_validator.target.way_in import Kafka

with warnings.catch_warnings():
    # It reads its own files in a way that Python 3.11 warns of; imported here, and from here, alone.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaProducer, errors
    from kafka.net.inet import KafkaNetSocket

__all__ = ["CONNECT_SECONDS", "Forwarded", "KafkaProducer", "errors", "settings_for"]

# What Strimzi's users have unless somebody chose otherwise.
DEFAULT_MECHANISM = "SCRAM-SHA-512"
CONNECT_SECONDS = 10.0
_SCHEME = "forwarded"


def settings_for(kafka: Kafka, verify: bool | str = True) -> dict[str, Any]:
    """The settings that any client of kafka-python takes: addresses, TLS and SASL.

    ``verify`` holds where ``kafka`` names no CA of its own.

    Raises:
        Blocked: a password is needed and not given.
    """
    settings: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap.split(","),
        "security_protocol": kafka.security,
        "request_timeout_ms": int(CONNECT_SECONDS * 1000),
        "bootstrap_timeout_ms": int(CONNECT_SECONDS * 1000),
        "client_id": "e2e-validator",
    }
    if kafka.security.endswith("SSL"):
        certificates = kafka.ca or verify
        if isinstance(certificates, str):
            settings["ssl_cafile"] = certificates
        elif not certificates:
            settings["ssl_context"] = _unchecked()
    if kafka.security.startswith("SASL"):
        if not kafka.username or not kafka.password:
            raise Blocked(f"Kafka's {kafka.security} needs kafka.username and kafka.password.")
        settings["sasl_mechanism"] = kafka.mechanism or DEFAULT_MECHANISM
        settings["sasl_plain_username"] = kafka.username
        settings["sasl_plain_password"] = kafka.password
    if kafka.addresses:
        settings["proxy_url"] = f"{_SCHEME}://addresses?{urlencode(kafka.addresses)}"
    return settings


class Forwarded(KafkaNetSocket):  # type: ignore[misc] # kafka-python has no types
    """Connections to brokers whose own names lead nowhere from here; TLS is still checked against those names."""

    SCHEMES = (_SCHEME,)

    def __init__(self, proxy_url: str) -> None:
        """``proxy_url`` holds the addresses; the library hands it over for each connection."""
        self._addresses = dict(parse_qsl(urlsplit(proxy_url).query))

    def dns_lookup(self, host: str, port: int, raise_error: bool = False) -> Any:
        """Where a broker is reached."""
        elsewhere = self._addresses.get(f"{host}:{port}")
        if elsewhere is not None:
            host, _, text = elsewhere.rpartition(":")
            port = int(text)
        return super().dns_lookup(host, port, raise_error)


def _unchecked() -> Any:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context

"""How Kafka is connected to: settings for its clients, and brokers that are reached elsewhere than they say."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from e2e_validator.deployment.transport import Kafka
from e2e_validator.errors import Blocked

with warnings.catch_warnings():
    # It reads its own files in a way that Python 3.11 warns of; imported here, and from here, alone.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaConsumer, KafkaProducer, errors
    from kafka.net.compat import KafkaNetClient
    from kafka.net.inet import KafkaNetSocket

__all__ = ["CONNECT_SECONDS", "Forwarded", "consuming", "end_tls", "errors", "producing", "settings_for"]

# What Strimzi's users have by default.
DEFAULT_MECHANISM = "SCRAM-SHA-512"
CONNECT_SECONDS = 10.0
_SCHEME = "forwarded"


def settings_for(kafka: Kafka, verify: bool | str = True) -> dict[str, Any]:
    """The settings that any client of kafka-python takes: addresses, TLS and SASL.

    ``verify`` holds where ``kafka`` names no CA of its own.

    Raises:
        Blocked: a password is needed and not given, or the file of the CA cannot be used.
    """
    settings: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap.split(","),
        "security_protocol": kafka.security,
        "request_timeout_ms": int(CONNECT_SECONDS * 1000),
        "bootstrap_timeout_ms": int(CONNECT_SECONDS * 1000),
        "client_id": "e2e-validator",
    }
    if kafka.security.endswith("SSL"):
        settings["ssl_context"] = Tls(kafka.ca or verify)
    if kafka.security.startswith("SASL"):
        if not kafka.username or not kafka.password:
            raise Blocked(f"Kafka's {kafka.security} needs kafka.username and kafka.password.")
        settings["sasl_mechanism"] = kafka.mechanism or DEFAULT_MECHANISM
        settings["sasl_plain_username"] = kafka.username
        settings["sasl_plain_password"] = kafka.password
    settings["proxy_url"] = f"{_SCHEME}://addresses?{urlencode(kafka.addresses)}"
    return settings


class _Clients:
    """Makes the clients of a producer or consumer, whose constructor waits for the brokers.

    It leaves their sockets open when no broker answers.
    """

    def __init__(self) -> None:
        self._made: list[Any] = []

    def __call__(self, **config: Any) -> Any:
        self._made.append(KafkaNetClient(**config))
        return self._made[-1]

    def close(self) -> None:
        for one in self._made:
            one.close()


@contextmanager
def producing(settings: dict[str, Any]) -> Iterator[Any]:
    """A producer for the block, that says within ``CONNECT_SECONDS`` that there is no answer.

    Raises:
        errors.KafkaError: as the client raises it.
    """
    made, producer = _Clients(), None
    try:
        producer = KafkaProducer(
            **settings,
            kafka_client=made,
            acks="all",
            # It would need a right on the whole cluster; the listener bears a message that comes twice.
            enable_idempotence=False,
            allow_auto_create_topics=False,
            max_block_ms=int(CONNECT_SECONDS * 1000),
            delivery_timeout_ms=int(1.5 * CONNECT_SECONDS * 1000),
            reconnect_backoff_max_ms=1000,
            metrics_enabled=False,
        )
        yield producer
    finally:
        if producer is not None:
            producer.close(timeout=1)
        else:
            made.close()
        end_tls(settings)


@contextmanager
def consuming(settings: dict[str, Any], group: str) -> Iterator[Any]:
    """A consumer that asks for the offsets of a group, and neither joins it nor commits anything.

    Raises:
        errors.KafkaError: as the client raises it.
    """
    made, consumer = _Clients(), None
    try:
        consumer = KafkaConsumer(
            **settings, kafka_client=made, group_id=group, enable_auto_commit=False, metrics_enabled=False
        )
        yield consumer
    finally:
        if consumer is not None:
            consumer.close(autocommit=False)
        else:
            made.close()
        end_tls(settings)


class Forwarded(KafkaNetSocket):  # type: ignore[misc] # kafka-python has no types
    """Connections to brokers whose own names may lead nowhere from here; TLS is still checked against those names."""

    SCHEMES = (_SCHEME,)

    def __init__(self, proxy_url: str) -> None:
        """``proxy_url`` holds the addresses; the library hands it over for each connection."""
        self._addresses = dict(parse_qsl(urlsplit(proxy_url).query))
        self._opened: list[socket.socket] = []

    def dns_lookup(self, host: str, port: int, raise_error: bool = False) -> Any:
        """Where a broker is reached."""
        elsewhere = self._addresses.get(f"{host}:{port}")
        if elsewhere is not None:
            host, _, text = elsewhere.rpartition(":")
            port = int(text)
        return super().dns_lookup(host, port, raise_error)

    def socket(self, *args: Any, **kwargs: Any) -> socket.socket:
        """A socket that is remembered."""
        opened: socket.socket = super().socket(*args, **kwargs)
        self._opened.append(opened)
        return opened

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Connect; the library would leave a socket open that got no answer."""
        try:
            return await super().connect(*args, **kwargs)
        except BaseException:
            while self._opened:
                self._opened.pop().close()
            raise


class Tls(ssl.SSLContext):
    """TLS of one client: verified with a file, with the system's authorities, or not at all."""

    def __new__(cls, _certificates: bool | str) -> Self:
        """As a client."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, certificates: bool | str) -> None:
        """Read the authorities; raises Blocked when there is no such file, or none in it."""
        self._opened: list[ssl.SSLSocket] = []
        try:
            if isinstance(certificates, str):
                self.load_verify_locations(certificates)
            elif certificates:
                self.load_default_certs()
            else:
                self.check_hostname, self.verify_mode = False, ssl.CERT_NONE
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or type(error).__name__
            raise Blocked(f"The CA of Kafka's brokers cannot be read from {certificates}: {reason}.") from error

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """A socket that is remembered."""
        opened = super().wrap_socket(*args, **kwargs)
        self._opened.append(opened)
        return opened

    def end(self) -> None:
        """Close what the library leaves open when a handshake fails, or when it ends in the middle of one."""
        while self._opened:
            self._opened.pop().close()


def end_tls(settings: dict[str, Any]) -> None:
    """To be called when a client with these settings is closed."""
    if (context := settings.get("ssl_context")) is not None:
        context.end()

"""The transports: one file each, chosen by ``Target.transport``."""

from __future__ import annotations

from e2e_validator.access.source_names import SourceNames
from e2e_validator.access.transports.transport import Transport
from e2e_validator.deployment import Target

__all__ = ["Transport", "transport_of"]


def transport_of(target: Target, names: SourceNames) -> Transport:
    """The transport that the target names, for payloads of a source type. Nothing is sent yet."""
    if target.transport == "gateway":
        from e2e_validator.access.transports.gateway import ByGateway

        return ByGateway(target)
    if target.transport == "kafka":
        from e2e_validator.access.transports.kafka import ByKafka

        return ByKafka(target)
    from e2e_validator.access.transports.masu import ByMasu

    return ByMasu(target, names.announced_at)

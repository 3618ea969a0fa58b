"""The ways in: one file each, chosen by ``Target.way``."""

from __future__ import annotations

from e2e_validator.access.ways.way import Way
from e2e_validator.deployment import Target

__all__ = ["Way", "way_of"]


def way_of(target: Target) -> Way:
    """The way in that the target names. Nothing is sent yet."""
    if target.way == "gateway":
        from e2e_validator.access.ways.gateway import ByGateway

        return ByGateway(target)
    if target.way == "kafka":
        from e2e_validator.access.ways.kafka import ByKafka

        return ByKafka(target)
    from e2e_validator.access.ways.masu import ByMasu

    return ByMasu(target)

"""What a transport is: how a tarball gets to Koku's listener."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Transport(Protocol):
    """One transport. None of them says anything of what is in the tarball.

    See docs/contract/koku.md 3.2, docs/contract/chart.md 1.8.
    """

    @property
    def title(self) -> str:
        """How a sentence calls whom it is announced to: ``masu``, ``the gateway``, ``Kafka``."""

    @property
    def needs_object(self) -> bool:
        """Whether the tarball must stand in the ingress bucket before it is announced."""

    def check(self) -> str:
        """Whether the transport is open, in a few words; nothing is delivered.

        Raises:
            Blocked: it is not, and waiting does not help; says what to do.
            Unreachable: there is no answer now.
            Refused: the answer is not the expected one.
        """

    def announce(self, object_key: str, tarball: Path) -> str:
        """Have the payload ingested, and return the request id that Koku's log has.

        Args:
            object_key: Where in the ingress bucket the tarball stands, if it must.
            tarball: The file itself.

        Raises:
            Blocked: this payload cannot go by this transport, or it is not open; says what to do.
            Unreachable: there is no answer now; whether it was announced is not known.
            Refused: it was turned away.
            PhaseFailed: it was taken and yet not announced.
        """

    def key_of(self, object_key: str, tarball: Path) -> str:
        """The key in the ingress bucket under which the payload will stand, known before it is announced."""

    def stored_as(self, object_key: str, request_id: str) -> str:
        """The key under which it does stand once it is announced."""

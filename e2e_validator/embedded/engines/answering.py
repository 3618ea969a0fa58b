"""Whether a server of the stack answers over HTTP."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from e2e_validator.embedded.engines.part import NotReadyError
from e2e_validator.slowness import scaled

_ANSWER_SECONDS = 2.0


def ask_for_ok(*urls: str) -> None:
    """Get each of them.

    Raises:
        NotReadyError: one does not answer, or not with 200.
    """
    for url in urls:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=scaled(_ANSWER_SECONDS))
        try:
            connection.request("GET", f"{parts.path}?{parts.query}")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise NotReadyError(f"{parts.path}: {error}") from error
        finally:
            connection.close()
        if status != http.HTTPStatus.OK:
            raise NotReadyError(f"{parts.path} answers {status}")

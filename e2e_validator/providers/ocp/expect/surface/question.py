"""A question to the API, as a user could paste it into a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

REPORTS_PATH = "reports/openshift/"
# What stays readable in a query string: brackets of parameters, the wildcard, operators and tags.
_READABLE = "[]*:,/"


@dataclass(frozen=True, slots=True)
class Question:
    """A path below the API's root, ending in ``/``, and its parameters in order."""

    path: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, path: str, params: Mapping[str, object]) -> Question:
        """A question with these parameters."""
        return cls(path, tuple((name, str(value)) for name, value in params.items()))

    @classmethod
    def of_link(cls, link: str, path: str) -> Question | None:
        """The question that a link of an answer asks; None where it leads to another path than ``path``."""
        parts = urlsplit(link)
        if not parts.path.endswith("/" + path):
            return None
        return cls(path, tuple(parse_qsl(parts.query, keep_blank_values=True)))

    @property
    def asked(self) -> dict[str, str]:
        """The parameters by name."""
        return dict(self.params)

    def __str__(self) -> str:
        query = "&".join(f"{quote(name, safe=_READABLE)}={quote(value, safe=_READABLE)}" for name, value in self.params)
        return f"{self.path}?{query}" if query else self.path


def report_path(report: str) -> str:
    """The path of ``costs``, ``compute``, ``memory`` or ``volumes``."""
    return f"{REPORTS_PATH}{report}/"

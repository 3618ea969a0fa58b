"""Takes secrets out of everything that is written: literal secrets, and what looks like one by its place."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from e2e_validator.errors import E2EError

MASK = "***"

# Shorter ones would mask half of every sentence; they are still masked where their place gives them away.
SHORTEST_LITERAL = 4

_WORDS = (
    r"password|passwd|pwd|pgpassword|secret|secret[_-]?key|secret[_-]?access[_-]?key|client[_-]?secret|api[_-]?key"
    r"|access[_-]?key|access[_-]?key[_-]?id|token|access[_-]?token|refresh[_-]?token|id[_-]?token|session[_-]?token"
)
_WHOLE_HEADERS = r"authorization|proxy-authorization|cookie|set-cookie"
_WORD_HEADERS = r"x-rh-identity|x-amz-security-token"
_SECRET_KEY = re.compile(rf"(?i)^(?:[a-z0-9]+[_-])*(?:{_WORDS}|{_WHOLE_HEADERS}|{_WORD_HEADERS})$")
_QUOTED = r"b?(?P<quote>\\?[\"']).*?(?P=quote)"

# Each pattern, and the words of which a text must have one, in this or another case, for the pattern to be found in it.
# They are short and without an i, which has relatives that are no i to casefold(): looking for them costs a tenth.
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    # scheme://user:password@host; greedy up to the last @ before the path, as passwords may hold one.
    (("://",), re.compile(r"(?P<keep>\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@'\"]*:)[^\s/'\"]+(?=@)")),
    # A header in a JSON or Python dictionary, or in a list of pairs.
    (
        ("author", "coo", "x-rh-", "x-amz-"),
        re.compile(rf"(?i)(?P<keep>\b(?:{_WHOLE_HEADERS}|{_WORD_HEADERS})\\?[\"']\s*[:,]\s*){_QUOTED}"),
    ),
    # A header on a line of its own, or in curl's -H '...'; several words belong to the first kind.
    (("author", "coo"), re.compile(rf"(?i)(?P<keep>\b(?:{_WHOLE_HEADERS})\s*[:=]\s*)[^\s\"'][^\r\n\"']*")),
    # A variable of a shell, as in the commands that we print, is no secret.
    (("x-rh-", "x-amz-"), re.compile(rf"(?i)(?P<keep>\b(?:{_WORD_HEADERS})\s*[:=]\s*)(?!\$\w+\b)[^\s\"',;]+")),
    (("bearer", "bas"), re.compile(r"(?i)(?P<keep>\b(?:bearer|basic)\s+)[a-z0-9+/_.~-]{8,}=*")),
    # A token by its shape: a JSON Web Token, wherever it stands.
    (("eyj",), re.compile(r"(?P<keep>)\beyJ[A-Za-z0-9_-]{6,}\.eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+")),
    # password=..., "password": "...", secret_key='...'
    (
        ("pass", "pwd", "secret", "key", "token"),
        re.compile(
            rf"(?i)(?P<keep>(?<![a-z0-9])(?:[a-z0-9]+[_-])*(?:{_WORDS})\\?[\"']?\s*(?:=|:(?=\s*\\?[\"']))\s*)"
            rf"(?:{_QUOTED}|[^\s\"',;&)]+)"
        ),
    ),
)

# Where other programs write text; generated data and archives are never touched.
_TEXT_SUFFIXES = frozenset({".html", ".json", ".log", ".md", ".ndjson", ".properties", ".sql", ".txt", ".xml", ".yaml"})


class Redactor:
    """Masks the given secrets and everything whose place says that it is one.

    A secret is found as it is, and in the spellings it takes on the way: URL-quoted, JSON-escaped, XML-escaped, base64.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Learn the secrets; empty ones and those under four characters are only masked by their place."""
        spellings = {
            spelling
            for secret in secrets
            if len(secret) >= SHORTEST_LITERAL
            for spelling in _spellings(secret)
            if len(spelling) >= SHORTEST_LITERAL
        }
        # Longest first, so that a secret that contains another one is masked whole.
        ordered = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        self._spellings = tuple(ordered)
        self._literal = re.compile("|".join(re.escape(spelling) for spelling in ordered)) if ordered else None

    def __repr__(self) -> str:
        """Never shows what it hides."""
        return "Redactor(***)"

    def text(self, text: str) -> str:
        """``text`` with every secret masked."""
        if self._literal is not None and any(spelling in text for spelling in self._spellings):
            text = self._literal.sub(MASK, text)
        folded = text.casefold()
        for words, pattern in _PATTERNS:
            if any(word in folded for word in words):
                text = pattern.sub(rf"\g<keep>{MASK}", text)
        return text

    def value(self, value: Any) -> Any:
        """A JSON-like value with every secret masked, keys included; other objects are returned as they are."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return {
                self.text(key) if isinstance(key, str) else key: self._member(key, member)
                for key, member in value.items()
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(member) for member in value]
        return value

    def _member(self, key: Any, member: Any) -> Any:
        """The value of ``key``: masked whole if the key says that it is a secret."""
        if isinstance(key, str) and _SECRET_KEY.match(key) and isinstance(member, (str, bytes, list, tuple, Mapping)):
            return MASK if member else member
        return self.value(member)

    def sweep(self, folder: Path) -> list[Path]:
        """Mask secrets that others (pytest, Allure) wrote into the text files below ``folder``.

        Only the literal secrets are looked for: a rewrite by pattern could break a file's format. Generated
        data (``.csv``, archives) stay as they are.

        Returns:
            The files that had to be rewritten.

        Raises:
            E2EError: A file could not be read or rewritten; it names the file, never the secret.
        """
        if self._literal is None:
            return []
        rewritten = []
        for path in sorted(folder.rglob("*")):
            if path.suffix not in _TEXT_SUFFIXES or path.is_symlink() or not path.is_file():
                continue
            try:
                # latin-1 gives back every byte unchanged, so that archives and images survive the round trip.
                before = path.read_bytes().decode("latin-1")
                after = self._literal.sub(MASK, before)
                if after != before:
                    path.write_bytes(after.encode("latin-1"))
                    rewritten.append(path)
            except OSError as error:
                raise E2EError(f"Cannot mask secrets in {path}: {error.strerror}; do not share this folder.") from error
        return rewritten

    def sweep_reports(self, allure: Path, junit: Path | None) -> None:
        """Mask in what Allure and pytest wrote also what only looks like a secret, such as ``?secret=`` in a URL.

        Both have formats that are read and written whole, so that a mask cannot break them. What cannot be read as
        what it should be is left to ``sweep``.

        Raises:
            E2EError: A file could not be rewritten.
        """
        for path in sorted(allure.glob("*")) if allure.is_dir() else ():
            if path.suffix == ".json":
                self._rewrite(path, self._json)
            elif path.suffix == ".txt":
                self._rewrite(path, self.text)
        if junit is not None and junit.is_file():
            self._rewrite(junit, self._xml)

    def _rewrite(self, path: Path, mask: Callable[[str], str]) -> None:
        try:
            before = path.read_text(encoding="utf-8")
            after = mask(before)
            if after != before:
                path.write_text(after, encoding="utf-8")
        except (ValueError, ET.ParseError):
            return
        except OSError as error:
            raise E2EError(f"Cannot mask secrets in {path}: {error.strerror}; do not share this folder.") from error

    def _json(self, text: str) -> str:
        before = json.loads(text)
        after = self.value(before)
        return text if after == before else json.dumps(after)

    def _xml(self, text: str) -> str:
        root = ET.fromstring(text)  # noqa: S314 - pytest wrote it just now
        changed = False
        for element in root.iter():
            parts = {name: self.text(value) for name, value in element.attrib.items()}
            body = self.text(element.text) if element.text else element.text
            if parts != element.attrib or body != element.text:
                changed = True
                element.attrib.update(parts)
                element.text = body
        return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") if changed else text


def _spellings(secret: str) -> set[str]:
    """The forms in which ``secret`` may appear in a report."""
    encoded = secret.encode("utf-8")
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        escape(secret),
        escape(secret, {'"': "&quot;", "'": "&apos;"}),
        repr(secret)[1:-1],
        base64.b64encode(encoded).decode("ascii"),
        base64.urlsafe_b64encode(encoded).decode("ascii"),
        # Undecoded UTF-8, as ``sweep`` sees it.
        encoded.decode("latin-1"),
    }

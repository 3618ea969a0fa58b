"""``EXECUTE IMMEDIATE '...' USING ...``: how the Python client sends a statement with parameters."""

from __future__ import annotations

import re

from e2e_validator.embedded.trino.failure import StatementError

_STATEMENT = re.compile(r"^\s*EXECUTE\s+IMMEDIATE\s+'((?:[^']|'')*)'\s*(?:USING\s+(.*))?$", re.IGNORECASE | re.DOTALL)


def expand(text: str) -> str:
    """The statement with its parameters in their places; any other statement as it is.

    Raises:
        StatementError: As many values as question marks were not given.
    """
    found = _STATEMENT.match(text)
    if found is None:
        return text
    statement = found.group(1).replace("''", "'")
    values = split_list(found.group(2)) if found.group(2) else []
    pieces = _pieces(statement, "?")
    if len(pieces) - 1 != len(values):
        text = f"Incorrect number of parameters: expected {len(pieces) - 1} but found {len(values)}"
        raise StatementError("GENERIC_USER_ERROR", text)
    return "".join(piece + value for piece, value in zip(pieces, [*values, ""], strict=True))


def split_list(text: str) -> list[str]:
    """The values of a list: commas inside quotes or brackets do not count."""
    return [piece.strip() for piece in _pieces(text, ",")]


def _pieces(text: str, mark: str) -> list[str]:
    pieces, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        else:
            depth += (letter in "([") - (letter in ")]")
            if letter == mark and (mark == "?" or not depth):
                pieces.append("")
                continue
        pieces[-1] += letter
    return pieces

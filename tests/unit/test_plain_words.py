"""Messages, docstrings, comments and pages call programs by their names, and people alone "who"."""

from __future__ import annotations

import re
import token
import tokenize
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
NOT_OF_PROGRAMS = re.compile(
    r"\b(nobody(?:'s)?|whoever|who|anybody(?:'s)?|somebody(?:'s)?|everybody(?:'s)?|of before|of ours)\b", re.IGNORECASE
)
# Texts with such a word that stay, by the reason.
A_PERSON = "a person, not a program"
A_NAME = "a name of the operating system or of the code"
ALLOWED = {
    "the user nobody": A_NAME,
    "NOBODY": A_NAME,
    "a user asks who waits for": A_PERSON,
    "a user does who waits for": A_PERSON,
    "a user who waits": A_PERSON,
    "by a user who means": A_PERSON,
}
# The contract quotes other people's texts; the page of mutants quotes the table of the tests.
PAGES = [
    *(page for page in (CHECKOUT / "docs").glob("*.md") if page.name != "mutants.md"),
    *(CHECKOUT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *(CHECKOUT / "scenarios").rglob("*.yaml"),
    *(CHECKOUT / "scenarios").rglob("*.md"),
    *(CHECKOUT / "e2e_validator").rglob("*.sql"),
]
TEXTS = {token.STRING, token.COMMENT, getattr(token, "FSTRING_MIDDLE", token.STRING)}


def texts(source: bytes) -> Iterator[tuple[int, str]]:
    """The strings and comments of a module with their lines, without the code inside of f-strings."""
    for found in tokenize.tokenize(BytesIO(source).readline):
        if found.type in TEXTS:
            yield found.start[0], re.sub(r"\{[^{}]*\}", "{}", found.string)


def words(text: str) -> list[str]:
    """The words of ``text`` that are not said of programs."""
    one_line = " ".join(text.split())
    for allowed in ALLOWED:
        one_line = one_line.replace(allowed, "")
    return [found[0] for found in NOT_OF_PROGRAMS.finditer(one_line)]


def test_texts_of_the_product_do_not_call_programs_who() -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}:{line}: {word}"
        for path in sorted((CHECKOUT / "e2e_validator").rglob("*.py"))
        for line, text in texts(path.read_bytes())
        for word in words(text)
    ]
    assert found == []


def test_pages_and_scenarios_do_not_call_programs_who() -> None:
    found = [f"{path.relative_to(CHECKOUT)}: {word}" for path in PAGES for word in words(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('x = "nobody works"', ["nobody"]),
        ('x = f"{nobody} works"', []),
        ('x = f"{one}: whoever comes"', ["whoever"]),
        ("who = 1  # Somebody else", ["Somebody"]),
        ('def f():\n    """A page of\n    before."""', ["of before"]),
        ('x = "it runs as the user nobody"', []),
    ],
)
def test_a_word_in_a_text_is_found_and_one_in_code_is_not(source: str, expected: list[str]) -> None:
    assert [word for _, text in texts(source.encode()) for word in words(text)] == expected


def test_every_allowed_text_is_still_there() -> None:
    there = " ".join(path.read_text("utf-8") for path in [*PAGES, *(CHECKOUT / "e2e_validator").rglob("*.py")])
    plain = " ".join(there.split())
    assert [text for text in ALLOWED if text not in plain] == []

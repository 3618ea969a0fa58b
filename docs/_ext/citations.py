"""Citations of the contract: found in any text, and made into links where the site is built.

The one form is a path and the sections after it: ``docs/contract/koku.md 6.1, 6.4`` or ``1.1-1.5``. Between the pages
of ``docs/contract/`` the file's name alone will do.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).resolve().parents[1] / "contract"
PAGES = tuple(sorted(page.stem for page in CONTRACT.glob("*.md") if page.stem != "index"))

_SECTION = r"(?:\d{1,2}(?:\.\d{1,2})?|[A-Fa-h])(?![\w.]*\w)"
_SECTIONS = rf"{_SECTION}(?:(?:, |-){_SECTION})*"
_CITATION = re.compile(
    rf"(?P<name>(?P<folder>(?:docs/)?contract/)?\b(?P<page>{'|'.join(PAGES)})\.md)(?: (?P<sections>{_SECTIONS}))?"
)
_HEADING = re.compile(r"^#{2,3} (?P<section>\d{1,2}(?:\.\d{1,2})?|[A-Fa-h])\.? ", re.MULTILINE)
_FINDINGS = re.compile(r"^## 0\. .*?(?=^## )", re.MULTILINE | re.DOTALL)
_FINDING = re.compile(r"^(?:\| )?(?P<number>\d{1,2})(?:\. | \| )", re.MULTILINE)
_ROW = re.compile(r"^\| (?P<section>\d{1,2}\.\d{1,2}) \|", re.MULTILINE)
_CODE_OR_LINK = re.compile(r"(^```.*?^```|`[^`\n]*`|\[[^\]\n]*\]\([^)\n]*\))", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Citation:
    """A place of the contract that a text names: the ``page`` without suffix, its ``sections`` as they are written."""

    text: str
    page: str
    sections: tuple[str, ...]
    whole_path: bool


def citations(text: str) -> list[Citation]:
    """Every citation in ``text``."""
    return [
        Citation(
            text=found[0],
            page=found["page"],
            sections=tuple(re.split(r", |-", found["sections"])) if found["sections"] else (),
            whole_path=found["folder"] == "docs/contract/",
        )
        for found in _CITATION.finditer(text)
    ]


def sections(page: str) -> set[str]:
    """The sections of a page's text: numbered headings and rows, and ``0.N`` for the N-th finding of section 0."""
    findings = _FINDINGS.search(page)
    items = _FINDING.finditer(findings[0]) if findings else ()
    rows = {found["section"] for found in _ROW.finditer(page)}
    return _headings(page) | rows | {f"0.{item['number']}" for item in items}


def linked(text: str) -> str:
    """``text`` with every citation outside of code made into a link to the section."""
    pieces = _CODE_OR_LINK.split(text)
    return "".join(piece if number % 2 else _CITATION.sub(_link, piece) for number, piece in enumerate(pieces))


def anchored(text: str, page: str) -> str:
    """The text of a page of the contract with a target before each numbered heading."""
    return _HEADING.sub(lambda heading: f"({_target(page, heading['section'])})=\n{heading[0]}", text)


def _headings(page: str) -> set[str]:
    return {found["section"] for found in _HEADING.finditer(page)}


@cache
def _targets(page: str) -> set[str]:
    return _headings((CONTRACT / f"{page}.md").read_text(encoding="utf-8"))


def _target(page: str, section: str) -> str:
    """A finding or a row has no heading of its own; the chapter's will do."""
    heading = section if section in _targets(page) else section.partition(".")[0]
    return f"{page}-{heading.replace('.', '-').lower()}"


def _link(found: re.Match[str]) -> str:
    page, name = found["page"], found["name"]
    if not found["sections"]:
        return f"[{name}](/contract/{page}.md)"
    first, *others = re.split(r"(, |-)", found["sections"])
    return f"[{name} {first}](#{_target(page, first)})" + "".join(
        f"[{part}](#{_target(page, part)})" if number % 2 else part for number, part in enumerate(others)
    )


def _read(_app: Any, document: str, source: list[str]) -> None:
    folder, _, page = document.rpartition("/")
    text = linked(source[0])
    source[0] = anchored(text, page) if folder == "contract" else text


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}

"""What the header of a cost file lacks, and what a dialect that is no CUR 1.0 would lose."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from e2e_validator.errors import counted
from e2e_validator.expect.file_findings import Finding
from e2e_validator.providers.aws.completeness.effects import COSTS, STOPS, deviation_without, effect, shown
from e2e_validator.providers.aws.expect.columns import OPTIONAL, RECOMMENDED, TAG_PREFIX, USER_TAG
from e2e_validator.providers.aws.expect.dialect import ATHENA, CUR_1, CUR_2, FOCUS, LOSES, dialect_of

_LISTED = 8


def snake(column: str) -> str:
    """The name of a column in Athena's style: ``lineItem/UsageAmount`` is ``line_item_usage_amount``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.replace("/", "_"))
    return words.lower()


def known_columns(header: Sequence[str]) -> int:
    """How many columns of a header are of a cost file of AWS."""
    own = {*RECOMMENDED, *OPTIONAL}
    styled = {snake(column) for column in own}
    flat = sum(name in own or name in styled or name.startswith(TAG_PREFIX) for name in header)
    return max(flat, len(header) if dialect_of(header) in {CUR_2, FOCUS} else 0)


def meant_column(name: str) -> str:
    """``did you mean 'lineItem/UnblendedCost'?`` for a name that is close to a column; its last part alone counts too.

    A column that Koku reads is not asked about.
    """
    own = (*RECOMMENDED, *OPTIONAL)
    if name in own or name.startswith((TAG_PREFIX, "costCategory/")):
        return ""
    plain = {column.lower(): column for column in own}
    last = {column.rpartition("/")[2].lower(): column for column in own}
    text = name.lower()
    meant = plain.get(text) or last.get(text)
    if meant is None:
        close = difflib.get_close_matches(text, [*plain, *last], n=1, cutoff=0.85)
        meant = {**last, **plain}[close[0]] if close else None
    return f"'{name}' is none: did you mean '{meant}'?" if meant else ""


def header_findings(header: Sequence[str]) -> Iterator[Finding]:
    """Each missing column with its effect, or what is lost of another dialect."""
    dialect = dialect_of(header)
    if dialect != CUR_1:
        yield Finding(f"it is {dialect}; {LOSES[dialect]}.")
        if dialect in {ATHENA, CUR_2}:
            yield from _without_counterpart(header)
        return
    missing = [column for column in (*RECOMMENDED, *OPTIONAL) if column not in header]
    hints = {hint.rpartition("mean '")[2].rstrip("'?"): hint for name in header if (hint := meant_column(name))}
    # What makes Koku refuse the file or lose money comes first.
    missing.sort(key=lambda column: 0 if column in STOPS else 1 if column in COSTS else 2)
    unseen = [column for column in missing if not shown(column)]
    # One alone is said with what it does.
    unseen = unseen if len(unseen) > 1 else []
    for column in missing:
        if column not in unseen:
            more = f"; {hints[column].rstrip('?')}?" if column in hints else "."
            said = f"{column} is missing: {effect(column)}{more}"
            yield Finding(said, about=column, deviation=deviation_without(column))
    if unseen:
        yield Finding(f"{len(unseen)} columns are missing that no report shows: {', '.join(unseen)}.")
    yield from _flat_columns(header)


def _without_counterpart(header: Sequence[str]) -> Iterator[Finding]:
    missing = [snake(column) for column in (*RECOMMENDED, *OPTIONAL) if snake(column) not in header]
    if missing:
        more = f" and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
        yield Finding(
            f"it lacks {counted(len(missing), 'column')} that Koku reads: {', '.join(missing[:_LISTED])}{more}."
        )


def _flat_columns(header: Sequence[str]) -> Iterator[Finding]:
    tags = [name for name in header if name.startswith(USER_TAG)]
    if not tags:
        yield Finding("it has no column resourceTags/user:KEY: no cost has a tag.", problem=False)
    twins: dict[str, list[str]] = {}
    for name in tags:
        twins.setdefault(name.lower(), []).append(name.removeprefix(USER_TAG))
    for names in twins.values():
        if len(names) > 1:
            yield Finding(
                f"the tag keys {' and '.join(names)} differ in their case alone: they are two keys.", problem=False
            )

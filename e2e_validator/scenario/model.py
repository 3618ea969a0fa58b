"""What a scenario file may say, version 1: the one source of the checks and of the JSON Schema.

Only what a single value can say about itself is checked here; what values say together is in ``rules.py``
and ``nise_rules.py``, so that one run reports all problems of a file.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from e2e_validator.providers import registry
from e2e_validator.scenario import dates, durations
from e2e_validator.scenario.document import brief, did_you_mean
from e2e_validator.scenario.flow import union

DAMAGES = (
    "no_manifest",
    "dot_slash",
    "drop_column:<column>",
    "missing_file",
    "garbage_csv",
    "no_dates",
    "truncated",
    "not_gzip",
    "bad_manifest",
    "empty_file",
    "header_only",
)
# Marks with a meaning of their own in pytest: a tag of that name could turn a red phase into a skipped one.
RESERVED_TAGS = frozenset(
    {"skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "tryfirst", "trylast"}
    | {"timeout", "flaky", "xdist_group", "embedded"}
)
DATA_KEYS = ("nise", "template", "payloads", "files", "rows")
# Data with dates of their own.
RECORDED_KEYS = ("payloads", "files")
NAME = r"^[a-z][a-z0-9_]{0,39}$"
TAG = r"^[a-z][a-z0-9_]*$"
FIGURE = r"^-?\d+(\.\d+)?$"
DROPPED = r"drop_column:[A-Za-z0-9_/]+"


def wrong(what: str, hint: str = "") -> PydanticCustomError:
    """A problem in our words; ``what`` follows the name of the place."""
    return PydanticCustomError("scenario", "{what}", {"what": what, "hint": hint})


def _when(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong(f"{value!r} is not a date", dates.hint(str(value)))
    try:
        # Any day does: here only the form is checked.
        dates.resolve(value, date(2026, 11, 21))
    except dates.DateError as error:
        raise wrong(str(error), error.hint) from None
    return value


def _duration(value: Any) -> int:
    try:
        return durations.seconds(value)
    except ValueError as error:
        shown = f"'{value}'" if isinstance(value, str) else value
        raise wrong(f"{shown} {error}", "write 90s, 20m or 1h30m") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong(
            "is not text" if value is not None else "is empty", "write it in quotes" if value is not None else ""
        )
    if not value.strip():
        raise wrong("is empty")
    return value


def _name(value: Any) -> str:
    if not re.fullmatch(NAME, _text(value)):
        raise wrong(f"'{value}' is not a name", "at most 40 of a-z, 0-9 and _, a letter first")
    return str(value)


def _tag(value: Any) -> str:
    if not re.fullmatch(TAG, _text(value)):
        raise wrong(f"'{value}' is not a tag", "a-z, 0-9 and _, a letter first")
    if value in RESERVED_TAGS:
        raise wrong(f"'{value}' has a meaning of its own in pytest", "choose another word")
    return str(value)


def _damage(value: Any) -> str:
    if value in DAMAGES[:2] + DAMAGES[3:] or re.fullmatch(DROPPED, _text(value)):
        return str(value)
    if value.split(":")[0] == "drop_column":
        raise wrong(f"'{value}' names no column", "write drop_column:COLUMN")
    allowed = ", ".join(DAMAGES)
    raise wrong(f"'{value}' is not one of {allowed}", did_you_mean(value, DAMAGES))


def _source_type(value: Any) -> str:
    known = registry.types()
    if value in registry.LATER and value not in known:
        raise wrong(f"sources of type {value} come later", f"this version reads {', '.join(known)}")
    if value not in known:
        raise wrong(f"'{value}' is not one of {', '.join(known)}", did_you_mean(str(value).upper(), known))
    return str(value)


def _version(value: Any) -> int:
    if value is True or value != 1:
        raise wrong(f"{value!r} is not a version this validator reads", "write version: 1")
    return 1


def _figure(value: Any) -> Decimal:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise wrong("is not text")
    if not re.fullmatch(FIGURE, _text(value), re.ASCII):
        raise wrong(f"'{value}' is not a decimal number", "write '12.50'")
    return Decimal(value)


def _times(value: Any) -> int | str:
    if value == "always" or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return cast("int | str", value)
    shown = f"'{value}'" if isinstance(value, str) else "a list or mapping" if isinstance(value, list | dict) else value
    raise wrong(f"{shown} is neither a whole number from 1 on nor 'always'", did_you_mean(value, ["always"]))


def _repairs(value: Any) -> Any:
    if value == "none" or (isinstance(value, list) and all(isinstance(name, str) and name for name in value)):
        return value
    shown = f"'{value}'" if isinstance(value, str) else "this"
    raise wrong(f"{shown} is neither 'none' nor a list of names", "'e2e-validator repairs' lists them")


def _relative_path(value: Any) -> str:
    text = _text(value)
    if text.startswith(("/", "~")) or "\\" in text or ".." in text.split("/"):
        raise wrong(f"'{brief(text)}' is not a path inside fixtures/", "write it relative, without '..'")
    if len(text) > 1000 or not text.isprintable() or any(len(part.encode()) > 255 for part in text.split("/")):
        raise wrong(f"'{brief(text)}' is not the name of a file")
    return text


def _rows(value: Any) -> str:
    """A path, or the rows themselves: a text of several lines."""
    return value if isinstance(value, str) and "\n" in value.strip() else _relative_path(value)


When = Annotated[str, BeforeValidator(_when), WithJsonSchema({"type": "string", "pattern": dates.GRAMMAR})]
Duration = Annotated[
    int,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": durations.GRAMMAR, "examples": ["90s", "20m", "1h30m"]}),
]
Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": "string", "minLength": 1})]
Name = Annotated[str, BeforeValidator(_name), WithJsonSchema({"type": "string", "pattern": NAME})]
Tag = Annotated[str, BeforeValidator(_tag), WithJsonSchema({"type": "string", "pattern": TAG})]
# In quotes, because YAML would read a float.
Figure = Annotated[Decimal, BeforeValidator(_figure), WithJsonSchema({"type": "string", "pattern": FIGURE})]
FixturePath = Annotated[str, BeforeValidator(_relative_path), WithJsonSchema({"type": "string", "minLength": 1})]
Rows = Annotated[str, BeforeValidator(_rows), WithJsonSchema({"type": "string", "minLength": 1})]
Damage = Annotated[
    str,
    BeforeValidator(_damage),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [d for d in DAMAGES if "<" not in d]},
                {"type": "string", "pattern": f"^{DROPPED}$"},
            ]
        }
    ),
]
SourceType = Annotated[str, BeforeValidator(_source_type)]
Files = Annotated[StrictInt, Field(ge=0)]
Times = Annotated[Annotated[int, Field(ge=1)] | Literal["always"], BeforeValidator(_times)]
Repairs = Annotated[tuple[str, ...] | Literal["none"], BeforeValidator(_repairs)]
Mark = Literal["start", "end", "failed"]


class Part(BaseModel):
    """A part of a scenario file: no key that is not listed, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(Part):
    """A span of whole hours, UTC."""

    start: When = Field(description="first hour of the data: 2026-11-05, today-2d or month-1m+4d")
    end: When = Field(description="first hour after the data")


class Source(Part):
    """The source in Koku that the data belong to."""

    type: SourceType = Field(default=registry.USUAL, description="kind of source")
    create: StrictBool = Field(default=True, description="false: the payload's cluster is one that no source knows")


class Data(Part):
    """Where the data come from: exactly one of the five."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [key]} for key in DATA_KEYS]})

    nise: Any = Field(default=None, description="a nise report: 'nodes', or a list of 'generators', without dates")
    template: FixturePath | None = Field(default=None, description="a nise report in fixtures/nise/, without dates")
    payloads: FixturePath | None = Field(
        default=None, description="a folder in fixtures/ with recorded payload.N.MONTH.tar.gz files"
    )
    files: FixturePath | None = Field(
        default=None, description="a folder in fixtures/ with recorded cost files and their manifests"
    )
    rows: Rows | None = Field(
        default=None,
        description="a folder or file in fixtures/rows/ with a line for what has a row every hour; of cost files also"
        " such lines themselves",
    )
    scale: Any = Field(default=None, description="how often the parts of the nise report are in the data")


class Upload(Part):
    """One upload of the data, or of a part of them; one tarball a month, or one for all."""

    label: Text | None = Field(default=None, description="what the reports call this upload")
    period: Period | None = Field(default=None, description="the part of the data to send; default all")
    daily_reports: StrictBool | None = Field(
        default=None, description="the manifest's daily_reports; default true, or what the recorded manifest says"
    )
    one_package: StrictBool = Field(
        default=False, description="true: one tarball for all its months, as an operator sends that was long offline"
    )
    damage: Damage | None = Field(default=None, description="what is broken in the tarball before it is sent")


def _limits() -> dict[str, Any]:
    """A field for each phase of any source type."""
    steps = union(registry.flows()).steps
    return {step.phase: (Duration, Field(default=step.limit_seconds, description=step.until)) for step in steps}


Limits: type[Part] = create_model("Limits", __base__=Part, __doc__="How long each phase may take.", **_limits())


class ReportStatus(Part):
    """How many files of the manifest are in each status (docs/contract/koku.md 1.3)."""

    DONE: Files = Field(default=0, description="files in status 1")
    FAILED: Files = Field(default=0, description="files in status 2")
    DOWNLOADING: Files = Field(default=0, description="files in status 3")
    PROCESSING: Files = Field(default=0, description="files in status 4")


class State(Part):
    """The marks of each step in the manifest's ``state`` (docs/contract/koku.md 1.4); its times are not compared."""

    download: tuple[Mark, ...] = Field(default=(), description="marks of the download")
    processing: tuple[Mark, ...] = Field(default=(), description="marks of the processing")
    summary: tuple[Mark, ...] = Field(default=(), description="marks of the summary")


class Rejected(Part):
    """What a payload leaves behind that Koku cannot take; the manifest is never completed."""

    manifest: Literal["absent", "present"] = Field(description="whether Koku keeps a manifest row")
    report_status: ReportStatus | None = Field(default=None, description="files by status, with manifest: present")
    state: State | None = Field(default=None, description="marks by step, with manifest: present")
    summary_rows: Files = Field(default=0, description="rows of the source in the daily summary")


class Costs(Part):
    """Costs in the cost model's currency over all of the data, checked beside those that follow from it."""

    total: Figure | None = Field(default=None, description="the cost of everything, such as '12.50'")
    by_project: dict[Text, Figure] = Field(default={}, description="the cost of a project before distribution, by name")
    distributed: dict[Text, Figure] = Field(default={}, description="the cost of a project after distribution, by name")
    by_type: dict[Text, Figure] = Field(
        default={}, description="the total under another cost type, by its name, such as blended_cost"
    )
    by_group: dict[Text, Figure] = Field(
        default={}, description="the cost of a group of a report, such as 'service: AmazonS3'"
    )

    @property
    def zero(self) -> bool:
        """Whether no cost at all is expected while usage is."""
        return False


class ZeroCosts(Costs):
    """``costs: zero``: every cost is 0 while usage is not, and the report says so."""

    @property
    def zero(self) -> bool:
        """Always."""
        return True


def _costs(value: Any) -> Any:
    if value == "zero":
        return ZeroCosts()
    if isinstance(value, str):
        raise wrong(f"'{value}' is neither 'zero' nor a mapping", did_you_mean(value, ["zero"]))
    return value


class Fails(Part):
    """The end that a scenario must have; nothing after that phase is run, except the cleanup."""

    phase: Text = Field(description="the phase that must not pass, such as convert or summary[2]")
    cause: Text = Field(description="the cause that it must name")
    verdict: Literal["FAILED", "BLOCKED", "INCONCLUSIVE"] = Field(
        default="FAILED", description="how the phase must end"
    )


class Fault(Part):
    """A fault that is put to the embedded stack; the scenario gets a stack of its own."""

    fault: Text = Field(description="a fault of the registry, such as listener_killed_mid_file")
    before: Text = Field(default="source", description="the phase before which it is armed")
    until: Text | None = Field(default=None, description="the phase before which it is taken back; default: never")
    times: Times = Field(default=1, description="how often it happens: a number, or 'always'")
    options: dict[Text, Any] = Field(default={}, description="what the registry lets one choose")


class Expect(Part):
    """What must come out; by default everything that follows from the data."""

    rejected: Rejected | None = Field(default=None, description="Koku refuses the payload and leaves this behind")
    costs: Annotated[Costs, BeforeValidator(_costs)] | None = Field(
        default=None, description="costs worked out by hand, checked beside the computed ones; or 'zero'"
    )
    repaired: tuple[Text, ...] | None = Field(
        default=None, description="the repairs that must happen, just these; see 'e2e-validator repairs'"
    )
    fails: Fails | None = Field(default=None, description="the phase that must not pass, and why")
    deviates: tuple[Text, ...] = Field(
        default=(), description="the deviations from the data that are known and accepted; 'e2e-validator deviations'"
    )


class Scenario(Part):
    """One scenario: which data go in, how, and what must come out."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["period"]},
                {"properties": {"data": {"required": ["payloads"]}}},
                {"properties": {"data": {"required": ["files"]}}},
            ]
        }
    )

    version: Annotated[Literal[1], BeforeValidator(_version)] = Field(description="version of this format: 1")
    name: Name = Field(description="the name of the file without .yaml")
    description: Text = Field(description="one or two sentences: why the scenario exists")
    tags: tuple[Tag, ...] = Field(default=(), description="pytest marks for -m")
    period: Period | None = Field(default=None, description="the hours the data cover; not with recorded payloads")
    source: Source = Field(default=Source(), description="the source in Koku")
    data: Data = Field(description="where the data come from: nise, template or payloads")
    cost_model: Any = Field(default=None, description="the cost model of the source: 'file', or the API's own body")
    enable_tags: tuple[Text, ...] = Field(
        default=(), description="tag keys to enable, such as environment; of a bill all others are disabled"
    )
    enable_categories: tuple[Text, ...] = Field(
        default=(), description="keys of cost categories of a bill to enable; all others are disabled"
    )
    uploads: tuple[Upload, ...] = Field(
        default=(), description="what is sent, in order; default one upload of all the data"
    )
    limits: Limits = Field(default=Limits(), description="time limits by phase, such as summary: 20m")
    faults: tuple[Fault, ...] = Field(default=(), description="what goes wrong; on the embedded stack only")
    repairs: Repairs | None = Field(
        default=None, description="the repairs that are allowed: a list, or 'none'; default all"
    )
    look_before: StrictBool = Field(
        default=False,
        description="true: ask the reports before anything is sent, as a user does while waiting for data",
    )
    expect: Expect = Field(default=Expect(), description="default: everything that follows from the data")
    keep: Literal["none", "failed", "all"] = Field(
        default="failed", description="when to leave the source and the data in place"
    )

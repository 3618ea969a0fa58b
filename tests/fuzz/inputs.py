"""What is tried: a command line, and the files it is about."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import strategies as st

from .archives import archive
from .nasty import TEXTS, changed, damaged, values, whole
from .originals import RECORDED, TARGET, cost_models, manifest, members, packed, row_files, scenarios, templates

DAY = ("--today", "2026-11-21")
WITH_PAYLOADS = "version: 1\nname: x\ndescription: Why.\ndata: {payloads: mine}\n"
WITH_TEMPLATE = (
    "version: 1\nname: x\ndescription: Why.\nperiod: {start: month-1m+4d, end: month-1m+5d}\n"
    "data: {template: mine.yml}\n"
)
WITH_ROWS = WITH_TEMPLATE.replace("template: mine.yml", "rows: mine")
WITH_MODEL = WITH_TEMPLATE.replace("mine", "one_pod") + "cost_model: {file: mine.json}\nenable_tags: [environment]\n"
LINT = ("lint", "scenarios/x.yaml", *DAY)


@dataclass(frozen=True, repr=False)
class Trial:
    """A command line and the files it finds, by their place in the folder it is run in."""

    command: tuple[str, ...]
    files: dict[str, bytes]

    def __repr__(self) -> str:
        """Short: a file may have megabytes."""
        return f"{self.command} { ({name: content[:600] for name, content in self.files.items()}) }"


def _yaml(data: Any) -> bytes:
    text = yaml.dump(data, sort_keys=False, allow_unicode=True, Dumper=yaml.SafeDumper)
    return text.encode("utf-8", "surrogatepass")


def _json(data: Any) -> bytes:
    return json.dumps(data).encode()


def _scenario(content: bytes) -> Trial:
    return Trial(LINT, {"scenarios/x.yaml": content})


def _template(content: bytes) -> Trial:
    return Trial(LINT, {"scenarios/x.yaml": WITH_TEMPLATE.encode(), "fixtures/nise/mine.yml": content})


def _rows(content: bytes) -> Trial:
    files = {"scenarios/x.yaml": WITH_ROWS.encode(), "fixtures/rows/mine/a.csv": content}
    return Trial(LINT, files)


def _model(content: bytes) -> Trial:
    files = {"scenarios/x.yaml": WITH_MODEL.encode(), "fixtures/cost_models/mine.json": content}
    return Trial(LINT, files)


def _recorded(content: bytes) -> Trial:
    files = {"scenarios/x.yaml": WITH_PAYLOADS.encode(), f"fixtures/mine/{RECORDED.name}": content}
    return Trial(LINT, files)


def _expect(content: bytes) -> Trial:
    return Trial(("expect", "x.tar.gz"), {"x.tar.gz": content})


def _expect_model(content: bytes) -> Trial:
    command = ("expect", "x.tar.gz", "--cost-model", "model.json", "--enabled-tags", "environment", "--json")
    return Trial(command, {"x.tar.gz": packed(members()), "model.json": content})


def _target(content: bytes) -> Trial:
    return Trial(("--target", "x.yaml"), {"x.yaml": content})


def _with_manifest(content: bytes) -> bytes:
    return packed(members() | {"manifest.json": content})


@st.composite
def _csv(draw: st.DrawFn) -> bytes:
    """The payload with one of its CSV files made bad."""
    name = draw(st.sampled_from([name for name, content in members().items() if content.count(b"\n") > 1]))
    rows = list(csv.reader(io.StringIO(members()[name].decode())))
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(0, len(rows) - 1))
        if not rows[row]:
            continue
        column = draw(st.integers(0, len(rows[row]) - 1))
        change = draw(st.sampled_from(["cell", "cell", "cell", "drop", "add", "row", "twice", "column"]))
        text = str(draw(values())) if draw(st.booleans()) else draw(st.sampled_from(TEXTS))
        if change == "cell":
            rows[row][column] = text
        elif change == "drop":
            del rows[row][column]
        elif change == "add":
            rows[row].insert(column, text)
        elif change == "row":
            rows[row] = []
        elif change == "twice":
            rows.insert(row, list(rows[row]))
        else:
            rows = [line[:column] + line[column + 1 :] for line in rows]
    out = io.StringIO()
    csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"]))).writerows(rows)
    return packed(members() | {name: out.getvalue().encode("utf-8", "surrogatepass")})


def _texts(documents: dict[str, Any]) -> list[bytes]:
    return [text.encode() for text in documents]


@st.composite
def _file_names(draw: st.DrawFn) -> Trial:
    """A command line whose paths are what no file is called."""
    name = draw(st.sampled_from([*TEXTS, "scenarios/x.yaml/y", "x.yaml/", "scenarios/", "fixtures"]))
    command = draw(st.sampled_from(["lint", "expect", "explain", "registry", "--target", "expect-model", "data"]))
    good = {"scenarios/x.yaml": WITH_TEMPLATE.replace("mine", "one_pod").encode(), "x.tar.gz": packed(members())}
    if command == "data":
        key = draw(st.sampled_from(["template", "payloads", "rows"]))
        data = {**yaml.safe_load(WITH_TEMPLATE), "data": {key: name}}
        return _scenario(_yaml(data))
    # What a command line can hold: bytes, none of them 0.
    name = os.fsdecode(name.encode("utf-8", "surrogatepass").replace(b"\0", b""))
    if command == "expect-model":
        return Trial(("expect", "x.tar.gz", "--cost-model", name), good)
    if command == "lint" and draw(st.booleans()):
        return Trial(("lint", "--today", draw(st.sampled_from(["0001-01-01", "9999-12-31", "1970-01-01"]))), good)
    return Trial((command, name), good)


_MANIFESTS = st.one_of(
    st.builds(_json, st.deferred(lambda: changed([manifest()]))),
    st.deferred(lambda: damaged([members()["manifest.json"]])),
)
_MODELS = st.one_of(
    st.builds(_json, st.deferred(lambda: changed(cost_models()))), st.builds(_json, whole()), st.binary(max_size=200)
)

KINDS: dict[str, st.SearchStrategy[Trial]] = {
    "scenarios": st.one_of(
        st.builds(_scenario, st.builds(_yaml, st.deferred(lambda: changed(list(scenarios().values()))))),
        st.builds(_scenario, st.deferred(lambda: damaged(_texts(scenarios())))),
    ),
    "no scenarios": st.builds(_scenario, st.builds(_yaml, whole()) | st.binary(max_size=400)),
    "nise reports": st.one_of(
        st.builds(_template, st.builds(_yaml, st.deferred(lambda: changed(list(templates().values()))))),
        st.builds(_template, st.deferred(lambda: damaged(_texts(templates())))),
    ),
    "rows": st.builds(_rows, st.deferred(lambda: damaged(row_files()))),
    "cost models": st.builds(_model, _MODELS) | st.builds(_expect_model, _MODELS),
    "archives": st.builds(_expect, archive()) | st.builds(_recorded, archive()),
    "manifests": st.one_of(
        st.builds(_expect, st.builds(_with_manifest, _MANIFESTS)),
        st.builds(_recorded, st.builds(_with_manifest, _MANIFESTS)),
    ),
    "CSV files": st.builds(_expect, _csv()),
    "targets": st.one_of(
        st.builds(_target, st.builds(_yaml, changed([TARGET]))),
        st.builds(_target, st.deferred(lambda: damaged([_yaml(TARGET)]))),
        st.builds(_target, st.builds(_yaml, whole())),
    ),
    "names": _file_names(),
}

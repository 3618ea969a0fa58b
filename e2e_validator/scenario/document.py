"""A YAML file as data together with the place of every key and value in it.

Only plain data is read: no tags, no merge keys, no dates (a date stays the text it was written as, so that
its meaning is decided by this package and not by the YAML library). Positions are 1-based.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from e2e_validator.errors import Problem, ScenarioError, printable

KeyPath = tuple[str | int, ...]

MAX_BYTES = 5 * 1024 * 1024
MAX_VALUES = 100_000
MAX_DEPTH = 50
# Python prints no number of more digits without asking; none of a scenario needs more.
_MAX_NUMBER = 100
# What a cache of many files may hold; larger ones are few.
_CACHED_CHARACTERS = 64 * 1024
_HALF = re.compile("[\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, where its key stands, and a scalar as it was written; ``style`` is YAML's, as ``|``."""

    line: int
    column: int
    key_line: int
    key_column: int
    text: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The content of one file; ``problems`` are those the YAML itself shows, such as a key given twice."""

    path: str
    data: Any
    places: Mapping[KeyPath, Place]
    problems: tuple[Problem, ...] = ()

    def place(self, keys: KeyPath) -> Place:
        """The place of ``keys``, or of the nearest thing around it that is in the file."""
        while keys not in self.places:
            keys = keys[:-1]
        return self.places[keys]

    def problem(
        self, keys: KeyPath, what: str, hint: str = "", *, at_key: bool = False, warning: bool = False
    ) -> Problem:
        """A problem, or a warning, at the value of ``keys`` (or at its key)."""
        place = self.place(keys)
        line, column = (place.key_line, place.key_column) if at_key else (place.line, place.column)
        return Problem(self.path, line, column, printable(what), printable(hint), warning)

    def problem_within(self, keys: KeyPath, number: int, what: str, hint: str = "") -> Problem:
        """A problem in line ``number`` (from 1) of the text at ``keys``; 0, or a text of another form: at the text."""
        place = self.place(keys)
        if not number or place.style != "|":
            return self.problem(keys, what, hint)
        return Problem(self.path, place.line + number, 1, printable(what), printable(hint))


def dotted(keys: KeyPath, root: str = "the scenario") -> str:
    """``data.nise.nodes[0]``; ``root`` for the whole file."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text or root


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the closest of ``known``, else nothing."""
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def brief(text: str) -> str:
    """``text``, cut when it is long."""
    return text if len(text) <= 60 else f"{text[:57]}..."


# What libyaml's words mean for the author of the file.
_SYNTAX = (
    ("\\t", "indent with spaces, not with tabs"),
    ("cannot start any token", "put the text in quotes"),
    (
        "mapping values are not allowed",
        "indent the keys of one thing alike, and put a text with ': ' in quotes",
    ),
    ("<block end>", "the keys of one thing begin in the same column, and each item of a list with '- '"),
    ("could not find expected ':'", "write a blank after the colon of each key"),
    ("a single document", "write one scenario into each file, without '---'"),
)


class _TooMuch(Exception):  # noqa: N818 - not an error of its own: it is told as a problem of the file
    """The file has more than a person writes by hand."""


def _count(text: str) -> None:
    """Refuse a large text with too much in it in a fraction of the time that its tree would take.

    libyaml counts; what it says of the syntax is left to the loader below, whose words are better.
    """
    if len(text) < _CACHED_CHARACTERS or not yaml.__with_libyaml__:
        return
    values = depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            values += isinstance(event, yaml.NodeEvent)
            _limit(values, depth)
    except yaml.YAMLError:
        return


def _limit(values: int, depth: int) -> None:
    if values > 2 * MAX_VALUES:  # a key and its value
        raise _TooMuch(f"the file has more than {MAX_VALUES} values")
    if depth > MAX_DEPTH:
        raise _TooMuch("the file is nested too deeply")


class _Loader(yaml.SafeLoader):
    """Safe YAML whose dates and sexagesimal numbers stay text; it stops where a file has too much.

    A tree of nodes takes a hundred times the bytes of its text.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.nodes = self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.nodes, self.depth = self.nodes + 1, self.depth + 1
        _limit(self.nodes, self.depth)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TAG + "timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass
class _Walk:
    """Turns a tree of YAML nodes into data, keeping places and problems."""

    path: str
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    open_nodes: set[int] = field(default_factory=set)
    _scalars: Any = field(default_factory=yaml.constructor.SafeConstructor)

    def complain(self, mark: yaml.Mark, what: str, hint: str = "") -> None:
        self.problems.append(Problem(self.path, mark.line + 1, mark.column + 1, printable(what), printable(hint)))

    def value(self, node: yaml.Node, keys: KeyPath, key: yaml.Mark | None = None) -> Any:
        start, at = node.start_mark, key or node.start_mark
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        style = (node.style or "") if isinstance(node, yaml.ScalarNode) else ""
        self.places[keys] = Place(start.line + 1, start.column + 1, at.line + 1, at.column + 1, text, style)
        if len(self.places) > MAX_VALUES:
            raise _TooMuch(f"the file unfolds to more than {MAX_VALUES} values")
        if len(keys) > MAX_DEPTH:
            raise _TooMuch("the file is nested too deeply")
        if id(node) in self.open_nodes:
            self.complain(at, f"{dotted(keys)} is an alias of something it is part of")
            return None
        self.open_nodes.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
                if name := _placeholder(node):
                    return self.placeholder(name, start, keys)
                return self.mapping(node, keys)
            if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
                return [self.value(item, (*keys, index)) for index, item in enumerate(node.value)]
            if isinstance(node, yaml.ScalarNode):
                return self.scalar(node, keys)
            self.complain(start, f"{dotted(keys)}: the tag {node.tag} is not allowed", "write plain YAML")
            return None
        finally:
            self.open_nodes.discard(id(node))

    def scalar(self, node: yaml.ScalarNode, keys: KeyPath) -> Any:
        kind = node.tag.removeprefix(_TAG)
        if kind == "str":
            return self.text(node.value, node.start_mark, dotted(keys))
        if kind == "null":
            return None
        if kind in ("int", "float") and len(node.value) > _MAX_NUMBER:
            self.complain(node.start_mark, f"{dotted(keys)}: a number of {len(node.value)} characters", "is it text?")
            return None
        if kind in ("int", "float", "bool") and ":" not in node.value:
            try:
                return getattr(self._scalars, f"construct_yaml_{kind}")(node)
            except (ValueError, KeyError):
                self.complain(node.start_mark, f"{dotted(keys)}: '{brief(node.value)}' is not a value of type {kind}")
                return None
        if kind in ("int", "float"):  # 1:30 would be 90 in YAML 1.1
            return node.value
        self.complain(node.start_mark, f"{dotted(keys)}: the tag {node.tag} is not allowed", "write plain YAML")
        return None

    def placeholder(self, name: str, mark: yaml.Mark, keys: KeyPath) -> str | None:
        """``{{ start_date }}``, for another program to fill in; where it has no effect, it is taken for text."""
        if keys and keys[-1] in ("start_date", "end_date"):
            return f"{{{{ {name} }}}}"
        self.complain(mark, f"{dotted(keys)}: {{{{ {name} }}}} is the place of a value", "write the value itself")
        return None

    def text(self, text: str, mark: yaml.Mark, here: str) -> str:
        text = _joined(text)
        for char in text:
            # Written as an escape, these pass YAML; no database, terminal or report takes them.
            if not char.isprintable() and char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs"):
                self.complain(mark, f"{here}: the character U+{ord(char):04X} is not allowed", "leave it out")
                return "".join("\ufffd" if unicodedata.category(char) == "Cs" else char for char in text)
        return text

    def mapping(self, node: yaml.MappingNode, keys: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark
            key = key_node.value
            if key_node.tag == _TAG + "merge":
                self.complain(mark, "merge keys ('<<') are not allowed", "write the keys out")
            elif not isinstance(key_node, yaml.ScalarNode):
                self.complain(mark, f"a key in {dotted(keys)} is not text", "write a plain word before the colon")
            elif key_node.tag != _TAG + "str":
                self.complain(mark, f"YAML does not read the key {brief(key)} as text", f"write '{brief(key)}'")
            elif key in data:
                first = self.places[(*keys, key)].key_line
                self.complain(mark, f"key '{key}' is given twice in {dotted(keys)}", f"the first is on line {first}")
            else:
                data[self.text(key, mark, f"a key in {dotted(keys)}")] = self.value(value_node, (*keys, key), mark)
        return data


def _placeholder(node: yaml.MappingNode) -> str:
    """The name in ``{{ name }}``, which YAML reads as a mapping whose key is a mapping; else nothing."""
    for _ in range(2):
        if len(node.value) != 1 or not isinstance(node.value[0][1], yaml.ScalarNode) or node.value[0][1].value:
            return ""
        key = node.value[0][0]
        if isinstance(key, yaml.ScalarNode):
            return "" if _ == 0 else str(key.value)
        if not isinstance(key, yaml.MappingNode):
            return ""
        node = key
    return ""


def _joined(text: str) -> str:
    """``text`` with the pairs of halves joined by which JSON escapes what is beyond U+FFFF; YAML leaves them apart."""
    return (
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass") if _HALF.search(text) else text
    )


def names_beside(path: Path) -> list[str]:
    """What else is in the folder of ``path``, for a guess at what was meant; nothing where it cannot be seen."""
    try:
        return [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return []


def is_file(path: Path) -> bool:
    """Whether there is a regular file; none where its name cannot even be looked up."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_text(path: Path) -> tuple[bytes, str]:
    """The bytes of a file of at most ``MAX_BYTES`` and its text; ``ScenarioError`` when it cannot be read."""

    def unreadable(what: str, hint: str = "") -> ScenarioError:
        return ScenarioError([Problem(str(path), 1, 1, what, hint)])

    try:
        if path.is_dir():
            raise unreadable("this is a folder, not a file")
        if path.exists() and not path.is_file():
            raise unreadable("this is not a regular file")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise unreadable("there is no such file", did_you_mean(path.name, names_beside(path))) from None
    except OSError as error:
        raise unreadable(f"the file cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise unreadable("this is not the name of a file") from None
    if len(raw) > MAX_BYTES:
        what = f"the file is larger than {MAX_BYTES // 1024**2} MiB"
        raise unreadable(what, "recorded data belong into tarballs in fixtures/")
    try:
        return raw, raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        what = f"the file is not UTF-8 (byte 0x{raw[error.start]:02x})"
        raise ScenarioError([Problem(str(path), line, column, what, "save it as UTF-8")]) from None


# Nine tenths of the time that a scenario takes to load; a template is read for every scenario that names it.
@lru_cache(maxsize=128)
def _composed(text: str) -> yaml.Node | None:
    """The tree of nodes, which is never changed."""
    return _compose(text)


def _compose(text: str) -> yaml.Node | None:
    _count(text)
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def parse_document(path: Path, text: str) -> Document:
    """The document in ``text``; ``ScenarioError`` with the position when it is not YAML or empty."""

    def broken(mark: yaml.Mark | None, what: str, hint: str = "") -> ScenarioError:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return ScenarioError([Problem(str(path), line, column, what, hint)])

    try:
        node = _composed(text) if len(text) <= _CACHED_CHARACTERS else _compose(text)
        if node is None:
            raise broken(None, "the file is empty", "start with 'version: 1'")
        walk = _Walk(str(path))
        data = walk.value(node, ())
    except yaml.MarkedYAMLError as error:
        what = error.problem or error.context or "unknown syntax"
        if what.startswith("but ") and error.context:
            what = f"{error.context}, {what}"
        hint = next((hint for part, hint in _SYNTAX if part in what), "")
        raise broken(error.problem_mark or error.context_mark, f"not valid YAML: {what}", hint) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        what = f"not valid YAML: the character U+{error.character:04X} is not allowed"
        raise ScenarioError([Problem(str(path), line, column, what)]) from None
    except _TooMuch as error:
        raise broken(None, str(error)) from None
    except RecursionError:
        raise broken(None, "the file is nested too deeply") from None
    return Document(str(path), data, walk.places, tuple(walk.problems))

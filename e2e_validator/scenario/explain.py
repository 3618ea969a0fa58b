"""What pydantic found, in the words of the file's author and at the place it was written."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from types import MappingProxyType, NoneType
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from e2e_validator.errors import Problem
from e2e_validator.scenario.document import Document, KeyPath, brief, did_you_mean, dotted
from e2e_validator.scenario.plain_values import boolean_hint, number_hint, number_in

_EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "none_required": "empty",
    "finite_number": "a finite number",
}


def check(
    model: type[BaseModel],
    document: Document,
    keys: KeyPath = (),
    *,
    root: str = "the scenario",
    unknown: Callable[[str, KeyPath], str] = lambda _key, _inside: "",
    missing: str = "",
    examples: Mapping[str, str] = MappingProxyType({}),
) -> tuple[BaseModel | None, list[Problem]]:
    """Check the part of ``document`` at ``keys`` against ``model``: the model, or all that is wrong.

    ``unknown`` gives a reason for a key that is known but not allowed, from the key and where it stands below
    ``keys``; ``missing`` is said of a key that is not there. ``examples`` show, by key, what is written for a mapping
    or a list.
    """
    data = document.data
    for key in keys:
        data = data[key]
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    explain = _Explain(
        model=model, document=document, prefix=keys, root=root, unknown=unknown, missing=missing, examples=examples
    )
    # A list whose items are all wrong also counts as too short: only an empty one is told so.
    found = [detail for detail in found if detail["type"] != "too_short" or not detail["input"]]
    return None, [explain.problem(detail) for detail in found]


class _Explain:
    def __init__(
        self,
        *,
        model: type[BaseModel],
        document: Document,
        prefix: KeyPath,
        root: str,
        unknown: Callable[[str, KeyPath], str],
        missing: str,
        examples: Mapping[str, str],
    ) -> None:
        self.model, self.document, self.prefix, self.root = model, document, prefix, root
        self.unknown, self.missing, self.examples = unknown, missing, examples

    def problem(self, detail: ErrorDetails) -> Problem:
        inner: KeyPath = detail["loc"]
        if inner[-1:] == ("[key]",):
            keys = (*self.prefix, *inner[:-1])
            ctx = detail.get("ctx", {})
            what = f"a key in {dotted(keys[:-1], self.root)} {ctx.get('what', detail['msg'])}"
            return self.document.problem(keys, what, str(ctx.get("hint", "")), at_key=True)
        keys = (*self.prefix, *inner)
        kind, ctx = detail["type"], detail.get("ctx", {})
        here, around = dotted(keys, self.root), dotted(keys[:-1], self.root)
        if kind == "extra_forbidden":
            return self.unknown_key(keys, inner, around)
        if kind == "missing":
            field = _fields(self.model, inner[:-1])[str(inner[-1])]
            hint = "; ".join(text for text in (field.description or "", self.missing) if text)
            return self.document.problem(keys[:-1], f"missing key '{inner[-1]}' in {around}", hint)
        if kind == "scenario":
            return self.ours(keys, here, ctx, detail["input"])
        return self.document.problem(keys, *self.value(kind, here, ctx, detail))

    def unknown_key(self, keys: KeyPath, inner: KeyPath, around: str) -> Problem:
        key = str(inner[-1])
        if reason := self.unknown(key, inner[:-1]):
            return self.document.problem(keys, f"'{key}' is not allowed in {around}", reason, at_key=True)
        known = _fields(self.model, inner[:-1])
        # nise's marker keys and what Koku fills are allowed, not advised.
        names = sorted(name for name, field in known.items() if field.annotation is not NoneType and not field.exclude)
        close = did_you_mean(key, names)
        hint = f"{close} (known: {', '.join(names)})" if close else f"known: {', '.join(names)}"
        return self.document.problem(keys, f"unknown key '{key}' in {around}", hint, at_key=True)

    def ours(self, keys: KeyPath, here: str, ctx: Mapping[str, Any], value: object) -> Problem:
        what, hint = str(ctx["what"]), str(ctx["hint"])
        if what == "is not text":
            written = self.document.place(keys).text
            if written and not isinstance(value, (dict, list)):
                reading = "" if str(value) == written else f" as {brief(str(value))}"
                what, hint = (
                    f"{brief(written)} is not text: YAML reads it{reading or ' as ' + _kind(value)}",
                    f"write '{brief(written)}'",
                )
        return self.document.problem(keys, f"{here}: {what}", hint)

    def value(self, kind: str, here: str, ctx: Mapping[str, Any], detail: ErrorDetails) -> tuple[str, str]:
        value = detail["input"]
        shown = self.shown(value)
        if value is None and kind in _EXPECTED:
            if self.is_required(detail["loc"]):
                return f"{here}: is empty", f"write {self.examples.get(str(detail['loc'][-1]), _EXPECTED[kind])}"
            return f"{here}: is empty", f"write {_EXPECTED[kind]}, or leave the key out"
        if kind == "literal_error":
            allowed = [text.strip("'") for text in str(ctx["expected"]).replace(" or ", ", ").split(", ")]
            return f"{here}: {shown} is not one of {', '.join(allowed)}", did_you_mean(value, allowed)
        if kind in _EXPECTED:
            return f"{here}: {shown} is not {_EXPECTED[kind]}", self.instead(_EXPECTED[kind], value, detail["loc"])
        if kind == "greater_than":
            return f"{here}: {shown} is not above {ctx['gt']:g}", self.missing and "nise takes 0 for 'not given'"
        if kind == "greater_than_equal":
            return f"{here}: {shown} is below {ctx['ge']}", ""
        if kind == "less_than_equal":
            return f"{here}: {shown} is above {ctx['le']}", "the rows are hours"
        if kind == "too_short":
            return f"{here}: is empty", "at least one is needed"
        return f"{here}: {detail['msg']}", ""

    def instead(self, expected: str, value: object, inner: KeyPath) -> str:
        """What to write in place of ``value``; nothing where that cannot be told."""
        if "number" in expected:
            return number_hint(value, whole=expected == "a whole number")
        if expected == "true or false":
            return boolean_hint(value)
        if expected == "a mapping" and not isinstance(value, (dict, list)) and (only := self.only_key(inner)):
            return f"write {{{only}: {number_in(value) or value}}}"
        if expected == "a list" and isinstance(value, dict) and self.keys_of((*inner, 0)):
            return "begin each item with '- '"
        example = self.examples.get(str(inner[-1])) if inner else None
        return f"write {example}" if example else ""

    def only_key(self, inner: KeyPath) -> str:
        """The one key that the mapping at ``inner`` takes; nothing where there are more."""
        names = self.keys_of(inner)
        return names[0] if len(names) == 1 else ""

    def keys_of(self, inner: KeyPath) -> list[str]:
        """The keys that the mapping at ``inner`` takes; none where no model stands there."""
        try:
            return [name for name, field in _fields(self.model, inner).items() if not field.exclude]
        except (AttributeError, KeyError):
            return []

    def is_required(self, inner: KeyPath) -> bool:
        """Whether the key at ``inner`` must be there."""
        try:
            return bool(_fields(self.model, inner[:-1])[str(inner[-1])].is_required())
        except (AttributeError, KeyError, IndexError):
            return False

    def shown(self, value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (dict, list)):
            return "a mapping" if isinstance(value, dict) else "a list"
        return f"'{brief(value)}'" if isinstance(value, str) else brief(str(value))


def _kind(value: object) -> str:
    return {bool: "true or false", int: "a number", float: "a number"}.get(type(value), "something else")


def _fields(model: type[BaseModel], keys: KeyPath) -> dict[str, Any]:
    """The fields of the model that stands at ``keys`` inside ``model``."""
    annotation: Any = model
    for key in keys:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[str(key)].annotation
        else:
            arguments = typing.get_args(annotation)
            annotation = arguments[1] if typing.get_origin(annotation) is dict else arguments[0]
    annotation = _bare(annotation)
    return dict(annotation.model_fields)


def _bare(annotation: Any) -> Any:
    """Without ``Annotated[...]`` and ``| None``."""
    while True:
        arguments = typing.get_args(annotation)
        if hasattr(annotation, "__metadata__"):
            annotation = arguments[0]
        elif NoneType in arguments:
            annotation = next(argument for argument in arguments if argument is not NoneType)
        else:
            return annotation

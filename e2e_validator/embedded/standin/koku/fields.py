"""The fields of a JSON body, checked with the words of Django REST framework."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from e2e_validator.embedded.standin.koku.refusal import Refusal

Row = dict[str, Any]
# True is 1 and False is 0, in sets too.
_TRUE = {"true", "True", "TRUE", "t", "T", "1", 1, "y", "Y", "yes", "on"}
_FALSE = {"false", "False", "FALSE", "f", "F", "0", 0, "n", "N", "no", "off"}


class FieldError(ValueError):
    """A value that cannot be taken; ``errors`` is a message, a list of them, or a dictionary by field."""

    def __init__(self, errors: Any) -> None:
        """Keep the errors as they are nested."""
        super().__init__(str(errors))
        self.errors = errors


def refused(errors: Any) -> Refusal:
    """The 400 that Koku makes of nested errors: a flat list, each with the dotted path of its field."""
    return Refusal(400, {"errors": list(_flat(errors, None))})


def _flat(errors: Any, source: str | None) -> list[Row]:
    if isinstance(errors, str):
        return [{"detail": errors, "source": source, "status": 400}]
    if isinstance(errors, list):
        return [error for part in errors for error in _flat(part, source)]
    return [error for key, part in errors.items() for error in _flat(part, f"{source}.{key}" if source else key)]


def gather(fields: dict[str, Any]) -> Row:
    """Call each reader; the values by field, or one error that names every wrong field.

    Raises:
        FieldError: one or more readers failed.
    """
    values: Row = {}
    errors: Row = {}
    for name, read in fields.items():
        try:
            values[name] = read()
        except FieldError as error:
            errors[name] = error.errors
    if errors:
        raise FieldError(errors)
    return values


def mapping(value: Any) -> Row:
    """A JSON object."""
    if not isinstance(value, dict):
        text = f"Invalid data. Expected a dictionary, but got {type(value).__name__}."
        raise FieldError({"non_field_errors": [text]})
    return value


def text(data: Row, key: str, longest: int, *, blank: bool = False) -> str:
    """A text that must be there."""
    if key not in data:
        raise FieldError(["This field is required."])
    value = data[key]
    if value is None:
        raise FieldError(["This field may not be null."])
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldError(["Not a valid string."])
    value = str(value).strip()
    if not value and not blank:
        raise FieldError(["This field may not be blank."])
    if "\0" in value:
        raise FieldError(["Null characters are not allowed."])
    if len(value) > longest:
        raise FieldError([f"Ensure this field has no more than {longest} characters."])
    return value


def boolean(value: Any) -> bool:
    """A boolean in one of its spellings."""
    if isinstance(value, str | int) and value in _TRUE:
        return True
    if isinstance(value, str | int) and value in _FALSE:
        return False
    raise FieldError(["Must be a valid boolean."])


def choice(value: Any, choices: tuple[str, ...]) -> str:
    """One of a few texts."""
    if value not in choices:
        raise FieldError([f'"{value}" is not a valid choice.'])
    return str(value)


def number(value: Any, digits: int = 19, places: int = 10) -> Decimal:
    """A decimal of so many digits, padded to its decimal places."""
    try:
        found = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise FieldError(["A valid number is required."])
    _, figures, exponent = found.as_tuple()
    assert isinstance(exponent, int)
    behind = max(-exponent, 0)
    whole = max(len(figures) + exponent, 0)
    if max(whole + behind, len(figures)) > digits:
        raise FieldError([f"Ensure that there are no more than {digits} digits in total."])
    if behind > places:
        raise FieldError([f"Ensure that there are no more than {places} decimal places."])
    if whole > digits - places:
        raise FieldError([f"Ensure that there are no more than {digits - places} digits before the decimal point."])
    return found.quantize(Decimal(1).scaleb(-places))

"""What the doctor says: each value with where it comes from, each part with how it is reached, one line each."""

from __future__ import annotations

from e2e_validator.deployment.namespace.found import MASK, Found, Level
from e2e_validator.deployment.namespace.names import SETTINGS, variable
from e2e_validator.errors import counted

EXIT_BLOCKED = 10
_NAME, _VALUE = 24, 44
_LONG = 6


def doctor_lines(found: Found) -> list[str]:
    """The report; secrets are masked in every line, wherever they came from."""
    lines = [f"{Level.OK:<5} {value.name:<{_NAME}} {value.shown:<{_VALUE}} {value.origin}" for value in found]
    lines += [f"{remark.level:<5} {remark.name:<{_NAME}} {remark.text}" for remark in found.remarks]
    lines.append(_verdict(found))
    secrets = sorted(found.secrets(), key=len, reverse=True)
    return [_without(line, secrets) for line in lines]


def setting_lines() -> list[str]:
    """The names that may be given by hand, with their variables."""
    return [f"{name:<{_NAME}} {variable(name):<30} {setting.what}" for name, setting in SETTINGS.items()]


def exit_code(found: Found) -> int:
    """0, or 10 when a run would be blocked."""
    return EXIT_BLOCKED if found.failures else 0


def _verdict(found: Found) -> str:
    failures = len(found.failures)
    warnings = len(found.warnings)
    told = counted(warnings, "warning") if warnings else "no warnings"
    if failures:
        return f"{failures} of these would block a run; {told}."
    return f"A run can begin; {told}."


def _without(line: str, secrets: list[str]) -> str:
    for secret in secrets:
        # A short one is an ordinary word as well; where it is a value, it is masked as such.
        if len(secret) >= _LONG:
            line = line.replace(secret, MASK)
    return line.rstrip()

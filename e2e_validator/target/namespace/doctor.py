"""What the doctor says: each value with where it comes from, each part with how it is reached, one line each."""

from __future__ import annotations

from e2e_validator.target.namespace.found import Found, Level

EXIT_BLOCKED = 10
_NAME, _VALUE = 24, 44


def doctor_lines(found: Found) -> list[str]:
    """The report; secrets are masked in every line, wherever they came from."""
    lines = [f"{Level.OK:<5} {value.name:<{_NAME}} {value.shown:<{_VALUE}} {value.origin}" for value in found]
    lines += [f"{remark.level:<5} {remark.name:<{_NAME}} {remark.text}" for remark in found.remarks]
    lines.append(_verdict(found))
    secrets = sorted(found.secrets(), key=len, reverse=True)
    return [_without(line, secrets) for line in lines]


def exit_code(found: Found) -> int:
    """0, or 10 when a run would be blocked."""
    return EXIT_BLOCKED if found.failures else 0


def _verdict(found: Found) -> str:
    failures = len(found.failures)
    warnings = sum(remark.level is Level.WARN for remark in found.remarks)
    if failures:
        return f"{failures} of these would block a run; {warnings} warnings."
    return f"A run can begin; {warnings} warnings."


def _without(line: str, secrets: list[str]) -> str:
    for secret in secrets:
        if len(secret) > 3:
            line = line.replace(secret, "********")
    return line.rstrip()

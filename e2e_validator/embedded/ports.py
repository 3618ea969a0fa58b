"""Free ports of the loopback, kept free for us until our servers listen on them.

A port that was found free can be taken before the server binds it. Two rules make that rare: ports come from below
the kernel's ephemeral range, so that no outgoing connection lands on one, and they are leased as a block, by a
name in Linux's abstract socket space that no other stack (of any user) can hold at the same time. The kernel drops
the name with its last holder, however that holder ends. What is left - a foreign program that binds
one of them in the same second - shows when the server starts, and the start is repeated on another block.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from e2e_validator.errors import Blocked

LOOPBACK = "127.0.0.1"
BLOCK_SIZE = 16
_FIRST_PORT = 20_000
_LAST_PORT = 32_767
_TRIES = 200


@dataclass(frozen=True, slots=True)
class PortLease:
    """Free ports and the socket whose name keeps other stacks away from them while it is open."""

    ports: tuple[int, ...]
    holder: socket.socket

    def close(self) -> None:
        """Give this process's hold on the block back; a process that inherited the socket still has it."""
        self.holder.close()


def lease_ports(
    count: int, *, unusable: Callable[[int], bool] = lambda _: False, blocks: Iterable[int] | None = None
) -> PortLease:
    """Lease ``count`` (at most 16) free ports of 127.0.0.1.

    Args:
        count: How many.
        unusable: Says that a port cannot be used although no process listens on it.
        blocks: First ports of the blocks to try; by default 200 at random.

    Raises:
        Blocked: No block is free.
    """
    for first in _random_blocks() if blocks is None else blocks:
        holder = _hold(first)
        if holder is None:
            continue
        free = [port for port in range(first, first + BLOCK_SIZE) if _is_free(port) and not unusable(port)]
        if len(free) >= count:
            return PortLease(tuple(free[:count]), holder)
        holder.close()
    raise Blocked(f"No {count} free ports between {_FIRST_PORT} and {_LAST_PORT} on {LOOPBACK}; stop some servers.")


def _random_blocks() -> Iterable[int]:
    last = min(_LAST_PORT, _first_ephemeral_port() - 1)
    if last < _FIRST_PORT + BLOCK_SIZE:  # the kernel hands out all ports: no range is better than another
        last = _LAST_PORT
    blocks = range(_FIRST_PORT, last - BLOCK_SIZE + 2, BLOCK_SIZE)
    return random.sample(blocks, min(_TRIES, len(blocks)))


def _first_ephemeral_port() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _LAST_PORT + 1


def _hold(first: int) -> socket.socket | None:
    holder = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        holder.bind(f"\0e2e-validator-ports-{first}")
    except OSError:
        holder.close()
        return None
    return holder


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a connection of a former server in TIME_WAIT is no obstacle, a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True

"""Questions that are asked side by side: each is short, and a real Koku has several workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_AT_ONCE = 4

Item = TypeVar("Item")
Given = TypeVar("Given")


def side_by_side(ask: Callable[[Item], Given], items: Sequence[Item]) -> list[Given]:
    """What ``ask`` gives for each of ``items``, in their order; the first error that it raises, as it is.

    An interrupt does not wait for what is not asked yet, nor for an answer that does not come.
    """
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        return list(pool.map(ask, items))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)

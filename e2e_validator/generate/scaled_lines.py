"""The lines of one generator's rows, multiplied: put together of their pieces by pyarrow, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any

from e2e_validator.errors import Blocked, HarnessError
from e2e_validator.generate.layout import Block, Layout, Slot

# Of one batch of lines; there are some three copies of it at a time.
_BATCH_BYTES = 8 * 1024 * 1024
_UNIQUE_DIGITS = 12
# Of an extra: no data of ordinary size need it.
_LIBRARY = ("pyarrow", "pyarrow.compute")


@dataclass
class Lines:
    """The lines of a block, larger."""

    block: Block
    layout: Layout
    slots: Sequence[Slot]
    rows: Sequence[Sequence[str]]
    hours: Sequence[datetime]
    _texts: dict[int, Any] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.block.rows * self.block.inner * self.block.outer * len(self.hours)

    def batches(self, number: int, begin: int, end: int) -> Iterator[memoryview]:
        """The bytes of the lines from ``begin`` to ``end``, in order; ``number`` is that of the first of all."""
        arrow, compute = arrow_library()
        width = self.block.rows * self.block.inner
        pieces, present = self._pieces()
        longest = max(len(",".join(row).encode()) for row in self.rows) + 16 * len(self.slots)
        size = max(min(_BATCH_BYTES // longest, end - begin), 1)
        every = arrow.array(range(size), arrow.int64())
        order_row, order_inner = self._order()
        for first in range(begin, end, size):
            index = compute.add(every[: min(size, end - first)], first)
            outer = compute.divide(index, width * len(self.hours))
            rest = compute.subtract(index, compute.multiply(outer, width * len(self.hours)))
            hour = compute.divide(rest, width)
            place = compute.subtract(rest, compute.multiply(hour, width))
            row = place if order_row is None else order_row.take(place)
            inner = 0 if order_inner is None else order_inner.take(place)
            columns = [_taken(pieces[0], row)]
            for slot, mask, piece in zip(self.slots, present, pieces[1:], strict=True):
                text = self._text(slot, index, outer, inner, hour, number)
                columns += [text if mask is None else compute.if_else(mask.take(row), text, ""), _taken(piece, row)]
            lines = compute.binary_join_element_wise(*columns, "")
            yield memoryview(lines.buffers()[2])[: compute.sum(compute.binary_length(lines)).as_py()]

    def _order(self) -> tuple[Any, Any]:
        """Of each row of an hour: its row in the seed, and which inner copy it is; None where it is itself, or 0."""
        if self.block.inner == 1:
            return None, None
        arrow, _ = arrow_library()
        rows: list[int] = []
        copies: list[int] = []
        first = 0
        for size in self.block.groups:
            for copy in range(self.block.inner):
                rows += range(first, first + size)
                copies += [copy] * size
            first += size
        return arrow.array(rows, arrow.int64()), arrow.array(copies, arrow.int64())

    def _pieces(self) -> tuple[list[Any], list[Any]]:
        """What stands between the slots, by row, or one text for all; and which rows have the slot, None for all."""
        arrow, _ = arrow_library()
        kinds = {slot.column: slot.kind for slot in self.slots}
        cut = [_cut(cells, kinds) for cells in self.rows]
        each = [[texts[number] for texts, _ in cut] for number in range(len(self.slots) + 1)]
        pieces = [texts[0] if len(set(texts)) == 1 else arrow.array(texts) for texts in each]
        there = [[has[number] for _, has in cut] for number in range(len(self.slots))]
        return pieces, [None if all(one) else arrow.array(one) for one in there]

    def _text(self, slot: Slot, index: Any, outer: Any, inner: Any, hour: Any, number: int) -> Any:
        arrow, compute = arrow_library()
        if slot.kind == "hour":
            if slot.column not in self._texts:
                said = self.layout.hours[slot.name]
                self._texts[slot.column] = arrow.array([said(one) for one in self.hours])
            return self._texts[slot.column].take(hour)
        if slot.kind == "step":
            if slot.column not in self._texts:
                self._texts[slot.column] = arrow.array(self._steps(slot))
            return self._texts[slot.column].take(compute.divide(outer, self.layout.steps_every))
        if slot.kind == "unique":
            digits = compute.utf8_lpad(compute.cast(compute.add(index, number), arrow.string()), _UNIQUE_DIGITS, "0")
            return compute.binary_join_element_wise(self.rows[0][slot.column][:-_UNIQUE_DIGITS], digits, "")
        copy = outer if slot.kind == "copy" else compute.add(compute.multiply(outer, self.block.inner), inner)
        text = compute.cast(compute.add(copy, 1), arrow.string())
        return compute.if_else(compute.equal(copy, 0), "", compute.binary_join_element_wise("-", text, ""))

    def _steps(self, slot: Slot) -> list[str]:
        first, *others = {row[slot.column] for row in self.rows}
        if others:
            raise HarnessError(f"{slot.name} is not the same in all rows of a generator; it cannot be multiplied.")
        count = -(-self.block.outer // self.layout.steps_every)
        return [self.layout.steps[slot.name](first, step) for step in range(count)]


def _taken(piece: Any, row: Any) -> Any:
    return piece if isinstance(piece, str) else piece.take(row)


def _cut(cells: Sequence[str], kinds: Mapping[int, str]) -> tuple[list[str], list[bool]]:
    """The pieces of a line between its slots, and for each slot whether there is something to be put into it."""
    pieces, there, piece = [], [], ""
    for index, cell in enumerate(cells):
        piece += "," if index else ""
        kind = kinds.get(index)
        if kind is None:
            piece += cell
            continue
        after = ""
        if kind in ("copy", "number"):
            # The number goes behind the name, and so before its closing quote; an empty cell has no name.
            name, after = (cell[:-1], '"') if cell.endswith('"') else (cell, "")
            piece += name
        pieces.append(piece)
        there.append(kind not in ("copy", "number") or bool(cell))
        piece = after
    return [*pieces, piece + "\r\n"], there


def arrow_library() -> tuple[Any, Any]:
    """The library, which no data of ordinary size need.

    Raises:
        Blocked: it is not installed.
    """
    try:
        arrow, compute = (import_module(name) for name in _LIBRARY)
    except ImportError as error:
        raise Blocked("scale needs pyarrow: pip install 'e2e-validator[cloud]'.") from error
    return arrow, compute

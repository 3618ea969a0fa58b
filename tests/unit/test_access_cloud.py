"""Parquet files and Trino, which the extra ``cloud`` brings the clients of."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from e2e_validator.access import optional
from e2e_validator.access.http import Unreachable
from e2e_validator.access.optional import needed
from e2e_validator.access.parquet import NoParquetError, read_parquet
from e2e_validator.access.warehouse import Warehouse
from e2e_validator.deployment import Target
from e2e_validator.errors import Blocked


def written(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_a_file_has_columns_with_types_rows_and_exact_sums() -> None:
    when = pa.array([datetime(2026, 11, 1, tzinfo=UTC)] * 3, pa.timestamp("ms", tz="UTC"))
    file = read_parquet("a.parquet", written(cost=[0.1, 0.2, None], name=["a", "b", None], when=when))
    assert file.columns == (("cost", "double"), ("name", "string"), ("when", "timestamp[ms, tz=UTC]"))
    assert file.rows == 3
    # Not 0.30000000000000004: each double counts with its shortest text.
    assert file.sums(["cost", "not there"]) == {"cost": Decimal("0.3")}


def test_nulls_have_no_sum_and_a_file_without_rows_has_0() -> None:
    assert read_parquet("a", written(cost=pa.array([None, None], pa.float64()))).sums(["cost"]) == {}
    assert read_parquet("a", written(cost=pa.array([], pa.float64()))).sums(["cost"]) == {"cost": Decimal(0)}


@pytest.mark.parametrize("content", [b"", b"PAR1", written(cost=[1.0])[:-20], b"a,b\n1,2\n"])
def test_what_is_no_parquet_file_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(NoParquetError, match=r"^data/x.parquet is no parquet file that can be read: "):
        read_parquet("data/x.parquet", content)


def test_without_the_package_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(optional, "import_module", missing)
    with pytest.raises(Blocked) as blocked:
        read_parquet("a", b"")
    assert str(blocked.value) == (
        "pyarrow is not installed, which parquet is read with; install it: pip install 'e2e-validator[cloud]'."
    )
    with pytest.raises(Blocked, match=r"^trino is not installed, which Trino is read with"):
        needed("trino.exceptions", "Trino")


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a port that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_a_trino_that_does_not_answer_is_unreachable(silent: str) -> None:
    warehouse = Warehouse(Target.unknown().model_copy(update={"trino_url": silent}))
    with pytest.raises(Unreachable, match=rf"^Trino at {silent} did not answer"):
        warehouse.rows("SELECT 1")

"""Values given by hand: which source wins, and one sentence for what cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e_validator.deployment.namespace.names import SETTINGS, variable
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.errors import UsageError

SECRET = "s3cr3t-vAlue"


def test_option_before_environment_before_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "from-file")
    file = tmp_path / "values.yaml"
    file.write_text("database: {host: '${DB}', port: 1, name: n}\ns3.region: there\n")
    environ = {"E2E_DATABASE_HOST": "from-environment", "E2E_DATABASE_PORT": "2", "HOME": "/"}
    given = Overrides.collect(["database.host=from=option"], environ, file)
    told = {name: (value.value, value.origin) for name in SETTINGS if (value := given.get(name)) is not None}
    assert told == {
        "database.host": ("from=option", "--set"),
        "database.port": ("2", "environment E2E_DATABASE_PORT"),
        "database.name": ("n", f"file {file}"),
        "s3.region": ("there", f"file {file}"),
    }


def test_a_secret_stays_one_wherever_it_comes_from() -> None:
    given = Overrides.collect([], {variable("database.password"): SECRET})
    found = given.get("database.password")
    assert found is not None
    assert (found.secret, found.shown) == (True, "********")
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("options", "text", "sentence"),
    [
        (["database.hots=x"], "", "--set database.hots: is no setting of a namespace (did you mean database.host?)."),
        (["database.host"], "", "--set: write NAME=VALUE, such as --set database.host=db.example.com."),
        ([], "dsn: x", "dsn: is no setting of a namespace (known: release, stack, transport,"),
        ([], "[]", "must be a mapping"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(
    tmp_path: Path, options: list[str], text: str, sentence: str
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        Overrides.collect(options, {}, file if text else None)
    assert sentence in str(refused.value)


def test_every_setting_has_a_variable_of_its_own() -> None:
    assert len({variable(name) for name in SETTINGS}) == len(SETTINGS)


def test_a_setting_by_its_former_name_is_the_present_one(tmp_path: Path) -> None:
    file = tmp_path / "ns.yaml"
    file.write_text("way: kafka\n")
    for found in (
        Overrides.collect(["way=kafka"]),
        Overrides.collect(environ={"E2E_WAY": "kafka"}),
        Overrides.collect(file=file),
    ):
        value = found.get("transport")
        assert value is not None
        assert value.value == "kafka"

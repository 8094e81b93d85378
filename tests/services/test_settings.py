"""Settings: read once, wrong ones named."""

import pytest

from services.settings import SettingsInvalid, load


def test_settings_are_read_by_their_names() -> None:
    settings = load({"PRAZIUM_PORT": "4000", "PRAZIUM_SANDBOX": "required", "HOME": "/root"})
    assert (settings.port, settings.sandbox) == (4000, "required")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRAZIUM_PORT", "99999"),
        ("PRAZIUM_PORT", ""),
        ("PRAZIUM_WORKER_CONCURRENCY", "0"),
        ("PRAZIUM_LEASE_SECONDS", "-1"),
        ("PRAZIUM_EXPORT_DAYS", "nan"),
        ("PRAZIUM_AGENT", "somebody"),
        ("PRAZIUM_COLOUR", "red"),
    ],
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=name):
        load({name: value})


def test_the_variables_of_clients_are_left_alone() -> None:
    load({"PRAZIUM_API_KEY": "pzm_x", "PRAZIUM_BASE_URL": "http://localhost/v1"})

"""Settings: read once, wrong ones named."""

from ipaddress import ip_address

import pytest

from services import job_kinds
from services.settings import BUILT_IN_KINDS, SettingsInvalid, load


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


@pytest.mark.parametrize(
    "value",
    ["10.0.0.1/8", "x", "10.0.0.0/8:0", "::1", "[::1]:99999x", "10.0.0.0/33", "127.0.0.1:**"],
)
def test_what_is_no_network_is_refused(value: str) -> None:
    with pytest.raises(SettingsInvalid, match="PRAZIUM_EGRESS_ALLOW"):
        load({"PRAZIUM_EGRESS_ALLOW": value})


def test_networks_have_ports() -> None:
    allowed = load({"PRAZIUM_EGRESS_ALLOW": "10.0.0.0/8, 10.1.2.3:8080,[fd00::/8]:*"}).egress_allow
    inside, exact, six = map(ip_address, ("10.9.9.9", "10.1.2.3", "fd00::1"))
    assert (inside, 443) in allowed and (inside, 8080) not in allowed
    assert (exact, 8080) in allowed
    assert (six, 1234) in allowed


@pytest.mark.parametrize(
    "value", ["thumbnail", "a=b", "a=b:c:d", "A=b:c", "http=a:b", "a=b:c,a=d:e", "a=../b:c"]
)
def test_what_is_no_kind_with_a_function_is_refused(value: str) -> None:
    with pytest.raises(SettingsInvalid, match="PRAZIUM_JOB_FUNCTIONS"):
        load({"PRAZIUM_JOB_FUNCTIONS": value})


def test_kinds_have_functions() -> None:
    found = load({"PRAZIUM_JOB_FUNCTIONS": "thumbnail.make=shop.images:thumbnail, b=c:d"})
    paths = found.job_functions.paths
    assert paths == {"thumbnail.make": "shop.images:thumbnail", "b": "c:d"}


def test_no_function_can_take_a_built_in_kind() -> None:
    assert set(BUILT_IN_KINDS) == set(job_kinds.BUILT)

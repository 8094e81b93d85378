"""Names that lie, against a real DNS server: addresses, DNS and HTTP in namespaces of their own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.egress.lab import PUBLIC, PUBLIC_V6

ROOT = Path(__file__).parent.parent.parent.parent


class Lab:
    """The small internet of lab.py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def call(
        self, url: str, dns: dict[str, list[list[str]]], allow: str = "", times: int = 1
    ) -> dict[str, Any]:
        """Call a URL inside; how that ended, how often its name was asked for, what was reached."""
        assert self._process.stdin and self._process.stdout
        case = {"url": url, "dns": dns, "allow": allow, "times": times}
        print(json.dumps(case), file=self._process.stdin, flush=True)
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A machine of its own, whose name server is the lab's."""
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    servers = tmp_path_factory.mktemp("lab") / "resolv.conf"
    servers.write_text("nameserver 127.0.0.1\noptions timeout:1\n")
    command = [
        *("bwrap", "--unshare-user", "--unshare-net", "--unshare-pid", "--die-with-parent"),
        *("--uid", "0", "--gid", "0", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *("--cap-add", "CAP_NET_ADMIN", "--cap-add", "CAP_NET_BIND_SERVICE"),
        *("--ro-bind", str(servers), str(Path("/etc/resolv.conf").resolve())),
        *("--chdir", str(ROOT), sys.executable, "-m", "tests.services.egress.lab"),
    ]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield Lab(process)
        process.stdin.close()


def test_a_public_name_is_reached(lab: Lab) -> None:
    found = lab.call("http://shop.example/", {"shop.example": [[PUBLIC]]})
    assert found == {"outcomes": [200], "asked": 1, "reached": [PUBLIC]}


def test_a_public_name_is_reached_over_ipv6(lab: Lab) -> None:
    found = lab.call("http://shop.example/", {"shop.example": [[PUBLIC_V6]]})
    assert (found["outcomes"], found["reached"]) == ([200], [PUBLIC_V6])


def test_a_name_that_is_bound_anew_after_the_check_leads_to_what_was_checked(lab: Lab) -> None:
    found = lab.call("http://bad.example/", {"bad.example": [[PUBLIC], ["127.0.0.1"]]})
    assert found == {"outcomes": [200], "asked": 1, "reached": [PUBLIC]}


def test_the_next_call_to_a_name_that_is_bound_anew_is_refused(lab: Lab) -> None:
    found = lab.call("http://bad.example/", {"bad.example": [[PUBLIC], ["127.0.0.1"]]}, times=2)
    assert found == {"outcomes": [200, "Refused"], "asked": 2, "reached": [PUBLIC]}


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "0.0.0.0"])
def test_a_name_of_an_inner_address_reaches_nothing(lab: Lab, inside: str) -> None:
    found = lab.call("http://bad.example/", {"bad.example": [[inside]]})
    assert (found["outcomes"], found["reached"]) == (["Refused"], [])


@pytest.mark.parametrize("inside", ["::1", "fd00::5", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_a_name_of_an_inner_ipv6_address_reaches_nothing(lab: Lab, inside: str) -> None:
    found = lab.call("http://bad.example/", {"bad.example": [[inside]]})
    assert (found["outcomes"], found["reached"]) == (["Refused"], [])


def test_one_inner_address_among_public_ones_refuses_the_name(lab: Lab) -> None:
    found = lab.call("http://bad.example/", {"bad.example": [[PUBLIC, "127.0.0.1", PUBLIC_V6]]})
    assert (found["outcomes"], found["reached"]) == (["Refused"], [])


def test_a_redirect_inside_is_an_answer_and_no_way(lab: Lab) -> None:
    found = lab.call("http://shop.example/redirect", {"shop.example": [[PUBLIC]]})
    assert (found["outcomes"], found["reached"]) == ([302], [PUBLIC])


def test_a_name_without_an_address_is_unreachable(lab: Lab) -> None:
    assert lab.call("http://none.example/", {})["outcomes"] == ["Unreachable"]


def test_an_allowed_network_is_reached_by_name(lab: Lab) -> None:
    found = lab.call("http://in.example/", {"in.example": [["10.0.0.5"]]}, allow="10.0.0.0/8")
    assert (found["outcomes"], found["reached"]) == ([200], ["10.0.0.5"])


def test_an_inner_name_is_reached_where_its_network_is_allowed(lab: Lab) -> None:
    dns = {"jira.internal": [["10.0.0.5"]]}
    assert lab.call("http://jira.internal/", dns, allow="10.0.0.0/8")["outcomes"] == [200]


def test_an_inner_name_of_a_public_address_is_refused(lab: Lab) -> None:
    dns = {"jira.internal": [[PUBLIC]]}
    found = lab.call("http://jira.internal/", dns, allow="10.0.0.0/8")
    assert (found["outcomes"], found["reached"]) == (["Refused"], [])


def test_an_allowed_network_opens_no_other(lab: Lab) -> None:
    found = lab.call("http://in.example/", {"in.example": [["127.0.0.1"]]}, allow="10.0.0.0/8")
    assert (found["outcomes"], found["reached"]) == (["Refused"], [])

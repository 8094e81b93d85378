"""A small internet: run inside namespaces of its own, with real addresses, DNS and HTTP.

Every line on standard input is `{"url", "allow", "times", "dns": {name: [[address, …], …]}}`: the
name's first lookup is answered with the first list, the next with the second, the last one for
ever. The line that comes back says how the calls ended, how often the name was asked for, and
which addresses were reached.
"""

import asyncio
import fcntl
import ipaddress
import json
import socket
import struct
import sys
from typing import Any

from aiohttp import web

from services.adapters.egress import Egress, EgressError
from services.settings import Networks

PUBLIC = "93.184.216.34"
PUBLIC_V6 = "2606:2800:220:1::1"
INSIDE = ("10.0.0.5", "169.254.169.254", "fd00::5")
SIOCSIFADDR = 0x8916
A, AAAA = 1, 28


def add_address(text: str, label: str) -> None:
    """Give the loopback device one more address."""
    if ":" in text:
        packed = socket.inet_pton(socket.AF_INET6, text)
        request = packed + struct.pack("Ii", 128, socket.if_nametoindex("lo"))
        family = socket.AF_INET6
    else:
        packed = struct.pack("H2s4s", socket.AF_INET, b"", socket.inet_aton(text))
        request = label.encode().ljust(16, b"\0") + packed.ljust(16, b"\0")
        family = socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, SIOCSIFADDR, request)


class Dns(asyncio.DatagramProtocol):
    """Answers questions for A and AAAA. Source: RFC 1035, section 4."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.asked: dict[tuple[str, int], int] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, sender: Any) -> None:
        name, position = [], 12
        while length := data[position]:
            name.append(data[position + 1 : position + 1 + length].decode())
            position += length + 1
        question = data[12 : position + 5]
        (kind,) = struct.unpack("!H", data[position + 1 : position + 3])
        answers = self.answer(".".join(name), kind)
        head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, len(answers), 0, 0)
        records = [struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(a)) + a for a in answers]
        self.transport.sendto(head + question + b"".join(records), sender)

    def answer(self, name: str, kind: int) -> list[bytes]:
        lists = self.names.get(name, [[]])
        times = self.asked.get((name, kind), 0)
        self.asked[name, kind] = times + 1
        found = map(ipaddress.ip_address, lists[min(times, len(lists) - 1)])
        return [address.packed for address in found if (address.version == 4) == (kind == A)]


async def main() -> None:
    for number, address in enumerate((PUBLIC, PUBLIC_V6, *INSIDE)):
        add_address(address, f"lo:{number}")
    reached: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        place = request.transport.get_extra_info("sockname")[0].removeprefix("::ffff:")
        reached.append(place)
        if request.path == "/redirect":
            raise web.HTTPFound("http://127.0.0.1/")
        return web.Response(text=place)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    both = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)
    await web.SockSite(runner, both).start()
    loop = asyncio.get_running_loop()
    _, dns = await loop.create_datagram_endpoint(Dns, local_addr=("127.0.0.1", 53))
    while line := await asyncio.to_thread(sys.stdin.readline):
        case = json.loads(line)
        dns.names, dns.asked = case["dns"], {}
        reached.clear()
        outcomes = await calls(case["url"], case["allow"], case["times"])
        asked = sum(times for (_, kind), times in dns.asked.items() if kind == A)
        print(json.dumps({"outcomes": outcomes, "asked": asked, "reached": reached}), flush=True)


async def calls(url: str, allow: str, times: int) -> list[Any]:
    """The statuses of calls one after the other, or the names of their errors."""
    egress, outcomes = Egress(Networks(allow)), []
    for _ in range(times):
        try:
            answer = await egress.request("GET", url, headers={}, timeout_s=5, max_bytes=1000)
            outcomes.append(answer.status)
        except EgressError as error:
            outcomes.append(type(error).__name__)
    await egress.close()
    return outcomes


if __name__ == "__main__":
    asyncio.run(main())

"""`madobus provision offer`: the depot waits for one box, shows a code, and asks whether the words are the same."""

import argparse
import asyncio
import logging
import socket
import sys
from pathlib import Path

import segno

from provisioning.city import City, HallPorts
from provisioning.joining.answer import HallAddress
from provisioning.joining.depot import PORT, Depot, open_depot
from provisioning.joining.errors import EnrolRefused
from provisioning.joining.offer import OFFER_S, SENTENCES, TRIES, Standing
from provisioning.joining.words import shown

YES = frozenset({"y", "yes", "はい", "ｙ"})


class Terminal:
    """The operator at this terminal."""

    async def agrees(self, device: str, words: tuple[str, ...]) -> bool:
        """Show the words and read a line: only yes is yes."""
        print(
            f"\n{device} が来ました。端末の画面の言葉と見比べてください / a box came; compare with its screen:\n\n"
            f"    {shown(words)}\n\n"
            "まったく同じですか / exactly the same? [y/N] ",
            end="",
            flush=True,
        )
        loop = asyncio.get_running_loop()
        typed: asyncio.Future[str] = loop.create_future()

        def read() -> None:
            if not typed.done():
                typed.set_result(sys.stdin.readline())

        loop.add_reader(sys.stdin, read)
        try:
            return (await typed).strip().lower() in YES
        finally:
            loop.remove_reader(sys.stdin)


def main(argv: list[str]) -> int:
    """Offer one box its enrolment over the network: a one-time code on this screen, three words to compare."""
    parser = argparse.ArgumentParser(prog="madobus provision offer", description=main.__doc__)
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    parser.add_argument("--device", required=True, help="the box's name, e.g. bus-07")
    parser.add_argument("--host", required=True, help="where the box finds this depot")
    parser.add_argument("--port", type=int, default=PORT, help=f"the depot's port; usually {PORT}")
    parser.add_argument(
        "--hall", default="", help="where the box finds city hall later; usually the same as --host"
    )
    parser.add_argument(
        "--typed", action="store_true", help="a code of 24 signs for a box without a camera"
    )
    given = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    ports = HallPorts()
    hall = HallAddress(given.hall or given.host, ports.intake, ports.switchboard)
    address = f"[{given.host}]" if ":" in given.host else given.host
    try:
        depot = open_depot(
            City(given.city), given.device, f"{address}:{given.port}", hall, typed=given.typed
        )
        listening = _listen(given.port)
    except (OSError, ValueError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    _show_code(depot, given.device)
    return _told(depot, asyncio.run(depot.serve(listening, Terminal())))


def _listen(port: int) -> socket.socket:
    if not socket.has_dualstack_ipv6():
        return socket.create_server(("", port))
    return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)


def _show_code(depot: Depot, device: str) -> None:
    code = depot.code
    if code.typed:
        print(f"\n    {code.spelled()}\n")
    else:
        segno.make(code.spelled(), error="m", micro=False).terminal(compact=True)
    print(
        f"{device} の端末で / on the box:\n"
        f"    madobus provision join FOLDER --staff 'ID NAME'{' --at ' + code.address if code.typed else ''}\n"
        f"{int(OFFER_S / 60)} 分・{TRIES} 回まで。登録する端末のほかには見せないでください / "
        f"good for {int(OFFER_S / 60)} minutes and {TRIES} tries; show it to nobody else"
    )


def _told(depot: Depot, ended: Standing) -> int:
    device, offer = depot.offer.hello.device, depot.offer
    if ended in {Standing.ADMITTED, Standing.TAKEN}:
        print(f"{device} を登録しました / is enrolled")
        if ended is Standing.ADMITTED:
            print(
                "端末からの返事がありません。端末の画面に成功と出ていなければ、もう一度はじめてください / "
                "the box did not say that it has it; if its screen shows no success, offer it anew"
            )
        if offer.overheard:
            print(SENTENCES[EnrolRefused.OVERHEARD], file=sys.stderr)
        return 1 if offer.overheard else 0
    print("何も発行していません / nothing was issued", file=sys.stderr)
    print(SENTENCES[offer.cause or EnrolRefused.EXPIRED], file=sys.stderr)
    return 1

"""One side's media for tests: a real WebRTC peer with a channel for words and, if wanted, a voice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aioice.ice import get_host_addresses
from aiortc import (
    AudioStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)

from tests.support.switchboard_line import until

OVER = frozenset({"failed", "closed"})


class MediaPeer:
    """What opens media with a description, and says in one when it is there: `heard` are the words that came."""

    def __init__(self, *, voice: bool = False) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.heard: list[str] = []
        self.frames = 0
        self.channel: RTCDataChannel | None = None
        self._voice = voice
        self._listening: asyncio.Task[None] | None = None
        self.connection.on("datachannel", self._take)
        self.connection.on("track", self._listen)

    async def offer(self) -> str:
        """Describe media to somebody who is rung."""
        self._take(self.connection.createDataChannel("words"))
        self._speak()
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def answer(self, offered: str) -> str:
        """Describe media to whoever rang; it opens as soon as the other side takes this."""
        await self.connection.setRemoteDescription(RTCSessionDescription(offered, "offer"))
        self._speak()
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return str(self.connection.localDescription.sdp)

    async def take(self, answered: str) -> None:
        """Open media with the other side's answer."""
        await self.connection.setRemoteDescription(RTCSessionDescription(answered, "answer"))

    async def say(self, words: str) -> None:
        """Say words once the channel is open."""
        await until(lambda: self.open)
        if self.channel is not None:
            self.channel.send(words)

    @property
    def open(self) -> bool:
        """Whether words can be said."""
        return self.channel is not None and self.channel.readyState == "open"

    @property
    def over(self) -> bool:
        """Whether media failed or ended."""
        return self.connection.connectionState in OVER

    async def close(self) -> None:
        """End it."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.connection.close()

    def _speak(self) -> None:
        if self._voice:
            self.connection.addTrack(AudioStreamTrack())

    def _take(self, channel: RTCDataChannel) -> None:
        self.channel = channel
        channel.on("message", lambda words: self.heard.append(str(words)))

    def _listen(self, track: AudioStreamTrack) -> None:
        self._listening = asyncio.ensure_future(self._count(track))

    async def _count(self, track: AudioStreamTrack) -> None:
        while True:
            await track.recv()
            self.frames += 1


@asynccontextmanager
async def media_peers(count: int, *, voice: bool = False) -> AsyncIterator[list[MediaPeer]]:
    """Make peers that are all closed at the end."""
    if not get_host_addresses(use_ipv4=True, use_ipv6=False):
        pytest.skip("media peers need an address besides loopback, and this machine has none")
    peers = [MediaPeer(voice=voice) for _ in range(count)]
    try:
        yield peers
    finally:
        for peer in peers:
            await peer.close()

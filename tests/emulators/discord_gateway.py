"""The gateway websocket: identify, shards, heartbeats, events, resuming and falling over."""

import asyncio
import contextlib
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterator

from aiohttp import web

from tests.emulators import discord_shapes as shapes
from tests.emulators.discord_session import GatewayClosed, Link, Session, payloads
from tests.emulators.discord_world import Guild, Json, World
from tests.emulators.server import Fault

HEARTBEAT, IDENTIFY, RESUME = 1, 2, 6
RECONNECT, INVALID_SESSION, HELLO, ACK = 7, 9, 10, 11
HEARTBEAT_MS = 41_250
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
IDENTIFY_SECONDS = 5.0
NO_RESUME = {1000, 1001, 4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014}


class Gateway:
    """All sessions of the bot."""

    max_concurrency = 1

    def __init__(self, world: World, token: str, next_fault: Callable[[str], Fault | None]) -> None:
        self.world = world
        self.token = token
        self.next_fault = next_fault
        self.address = ""
        self.shards = 1
        self.greeted = asyncio.Event()
        """Set as the first connection is said hello to."""
        self.identified: list[Json] = []
        self.resumed: list[Json] = []
        self.refused_intents: list[int] = []
        self.sessions: dict[str, Session] = {}
        self._last_identify: dict[int, float] = defaultdict(lambda: -IDENTIFY_SECONDS)

    # --- towards the bot -----------------------------------------------------------------------

    def tell(self, name: str, data: Json, guild_id: str | None = None, needs: int = 0) -> None:
        """Send an event to the shard of the guild if it has one of the intents in `needs`."""
        for session in self.sessions.values():
            home = (int(guild_id) >> 22) % session.shards if guild_id else 0
            if session.shard == home and (not needs or session.intents & needs):
                session.tell(name, data)

    def intents(self, guild_id: str | None = None) -> int:
        """The intents of whoever would hear an event of this guild."""
        for session in reversed(self.sessions.values()):
            if (int(guild_id) >> 22) % session.shards == session.shard if guild_id else True:
                return session.intents
        return 0

    async def send(self, payload: Json, shard: int = 0) -> None:
        """Send a bare payload, such as opcode 7 or 9, to one shard."""
        for link in self._links(shard):
            await link.send(payload)

    async def close(self, code: int, shard: int = 0) -> None:
        """Hang up on one shard."""
        for link in self._links(shard):
            await link.hang_up(code)

    async def close_all(self) -> None:
        for session in list(self.sessions.values()):
            if session.link:
                await session.link.hang_up(1001)

    def _links(self, shard: int) -> Iterator[Link]:
        sessions = list(self.sessions.values())
        yield from (each.link for each in sessions if each.shard == shard and each.link)

    # --- one connection ------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until it closes."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        link = Link(socket, compressed=request.query.get("compress") == "zlib-stream")
        self.greeted.set()
        try:
            await link.send({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
            session = await self._introduce(link)
            if session is not None:
                await self._serve(session, link)
        except GatewayClosed as closed:
            await link.hang_up(closed.code, str(closed))
        except ConnectionError:
            pass
        return socket

    def _part(self, session: Session, link: Link) -> None:
        if session.link is not link:
            return
        session.link = None
        if link.close_code in NO_RESUME:
            self.sessions.pop(session.id, None)

    async def _introduce(self, link: Link) -> Session | None:
        async for payload in payloads(link):
            if payload["op"] == HEARTBEAT:
                await link.send({"op": ACK})
                continue
            if payload["op"] == IDENTIFY:
                session = self._identify(payload["d"])
            elif payload["op"] == RESUME:
                session = self._resume(payload["d"])
            else:
                raise GatewayClosed(4003, "Not authenticated.")
            if session is not None:
                return session
            await link.send({"op": INVALID_SESSION, "d": False})
        return None

    async def _serve(self, session: Session, link: Link) -> None:
        session.link = link
        session.news = news = asyncio.Event()  # the speaker of an older link has its own
        news.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._speak(session, link, news))
            try:
                async for payload in payloads(link):
                    await self._answer(session, link, payload)
            except GatewayClosed as closed:
                await link.hang_up(closed.code, str(closed))
            finally:
                self._part(session, link)
                news.set()

    async def _speak(self, session: Session, link: Link, news: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionError):
            while session.link is link:
                await news.wait()
                news.clear()
                while session.link is link and session.heard < len(session.events):
                    if await self._stumble(link):
                        return
                    session.heard += 1
                    await link.send(session.events[session.heard - 1])

    async def _stumble(self, link: Link) -> bool:
        """Fall over just before an event goes out, when a fault asks for it."""
        fault = self.next_fault("gateway")
        if fault is None:
            return False
        if fault.name == "reconnect":
            await link.send({"op": RECONNECT, "d": None})
        else:
            await link.hang_up(fault.values.get("code", 4000))
        return True

    async def _answer(self, session: Session, link: Link, payload: Json) -> None:
        match payload["op"]:
            case 1:
                if self.next_fault("gateway heartbeat") is None:
                    await link.send({"op": ACK})
            case 2 | 6:
                raise GatewayClosed(4005, "Already authenticated.")
            case 3 | 4:
                pass
            case 8:
                session.tell("GUILD_MEMBERS_CHUNK", self._chunk(payload["d"]))
            case _:
                raise GatewayClosed(4001, "Unknown opcode.")

    def _chunk(self, asked: Json) -> Json:
        wanted = [str(each) for each in asked.get("user_ids") or self.world.people]
        found = [each for each in self.world.people.values() if each.id in wanted]
        return {
            "guild_id": str(asked["guild_id"]),
            "members": [shapes.member(each) for each in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": asked.get("nonce"),
        }

    # --- sessions ------------------------------------------------------------------------------

    def _identify(self, asked: Json) -> Session | None:
        self.identified.append(asked)
        self._check_identity(asked)
        shard, shards = asked.get("shard") or (0, 1)
        bucket, moment = shard % self.max_concurrency, time.monotonic()
        # A lone shard may come back at once, so that a test can restart its bot without waiting.
        if shards > 1 and moment - self._last_identify[bucket] < IDENTIFY_SECONDS:
            return None
        self._last_identify[bucket] = moment
        session = Session(secrets.token_hex(16), shard, shards, asked["intents"])
        self.sessions[session.id] = session
        session.tell("READY", self._ready(session))
        for guild in self._guilds(session):
            session.tell("GUILD_CREATE", shapes.guild(guild, self.world))
        return session

    def _check_identity(self, asked: Json) -> None:
        if asked.get("token") != self.token:
            raise GatewayClosed(4004, "Authentication failed.")
        shard, shards = asked.get("shard") or (0, 1)
        if not 0 <= shard < shards:
            raise GatewayClosed(4010, "Invalid shard.")
        if not isinstance(asked.get("intents"), int):
            raise GatewayClosed(4013, "Invalid intent(s).")
        if asked["intents"] & PRIVILEGED:
            self.refused_intents.append(asked["intents"] & PRIVILEGED)
            raise GatewayClosed(4014, "Disallowed intent(s).")

    def _guilds(self, session: Session) -> list[Guild]:
        joined = (guild for guild in self.world.guilds.values() if not guild.foreign)
        return [each for each in joined if (int(each.id) >> 22) % session.shards == session.shard]

    def _ready(self, session: Session) -> Json:
        bot = self.world.bot
        return {
            "v": 10,
            "user": shapes.account(bot),
            "guilds": [{"id": each.id, "unavailable": True} for each in self._guilds(session)],
            "session_id": session.id,
            "resume_gateway_url": self.address,
            "shard": [session.shard, session.shards],
            "application": {"id": bot.id, "flags": 0},
        }

    def _resume(self, asked: Json) -> Session | None:
        self.resumed.append(asked)
        if asked.get("token") != self.token:
            raise GatewayClosed(4004, "Authentication failed.")
        session = self.sessions.get(asked["session_id"])
        if session is None:
            return None
        if asked["seq"] > len(session.events):
            raise GatewayClosed(4007, "Invalid seq.")
        session.heard = asked["seq"]
        session.tell("RESUMED", {"_trace": []})
        return session

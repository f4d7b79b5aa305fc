"""One reply on its way to Discord: what it is known by, and where it may stand."""

from dataclasses import dataclass
from hashlib import sha256

from bot.discord_chat.ticket import Ticket
from bot.discord_chat.wire import ORIGINAL
from bot.ladder import Step
from core.context import Address
from core.replies import Pictures, Progress, Reply, Text


@dataclass(frozen=True, slots=True)
class Saying:
    """One reply on its way."""

    address: Address
    reply: Reply
    locale: str
    replaces: str
    nonce: str
    step: Step = Step.PHOTO
    why: tuple[Text, ...] = ()
    """Why its pictures are not shown as they are."""

    @property
    def ticket(self) -> Ticket:
        """What answering it needs."""
        return Ticket.read(self.address.ticket)

    @property
    def name(self) -> str:
        """What Discord knows the message by: its job, the notice, or what it answers.

        What is said again after a crash, or is the result of a status line that a crash kept
        from being noted, then takes the place of what is there.
        """
        if isinstance(self.reply, Progress):
            return self.reply.job
        job, ticket = self.nonce.partition("-")[0], self.ticket
        other = ticket.token or ticket.notice
        digest = sha256(other.encode()).hexdigest()[:20] if other else ""
        return job or self.address.reply_to or digest

    @property
    def aside(self) -> bool:
        """Whether it tells one person what went wrong, beside a message that stays as it is."""
        reply = self.reply
        refusal = isinstance(reply, Text) and reply.key.startswith("error.")
        return refusal and bool(self.ticket.pressed) and not self.replaces

    @property
    def secret(self) -> bool:
        """Whether these are private pictures that were asked for where others read along."""
        ticket = self.ticket
        overheard = bool(self.address.server) or not ticket.member
        private = isinstance(self.reply, Pictures) and self.reply.private
        return private and overheard and not ticket.private

    @property
    def places(self) -> list[str]:
        """The messages that it may take the place of, the likeliest first."""
        original = [] if self.address.part else [ORIGINAL]
        return [*original, *filter(None, [self.replaces])]

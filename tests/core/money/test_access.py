"""Who may do what: every command of the registry, as every kind of person."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from core.commands import COMMANDS
from core.context import Chat, User
from core.money.invites import digest
from core.replies import Accepted, Menu, Pictures, Text
from tests.core.money.desk import ANNA, BORIS, BOSS, GROUP, Desk, desk_at
from tests.emulators.fal import FalEmulator
from tests.storage.samples import NOW

STRANGER, DENIED, MATE = (User("telegram", str(number)) for number in (601, 602, 603))
FRIENDS = Chat("telegram", "-800")
"""A chat that may spend; MATE asks there, all others in GROUP, where ANNA may spend too."""
PEOPLE = {"boss": BOSS, "anna": ANNA, "mate": MATE, "denied": DENIED, "stranger": STRANGER}
SPENDERS = {"boss", "anna", "mate"}
RULES = {
    "everyone": set(PEOPLE),
    "undenied": set(PEOPLE) - {"denied"},
    "spenders": SPENDERS,
    "owner": {"boss", "anna"},
    "asker": {"anna"},
    "operators": {"boss"},
}
VERBS = {
    "imagine": ("spenders", "/imagine a fox --model flux-dev"),
    "edit": ("spenders", "/edit make it night --job {job} --model flux-dev"),
    "vary": ("spenders", "/vary {job}"),
    "upscale": ("spenders", "/upscale {job}"),
    "again": ("spenders", "/again {job}"),
    "models": ("everyone", "/models"),
    "history": ("everyone", "/history"),
    "show": ("everyone", "/show {job}"),
    "files": ("everyone", "/files {job}"),
    "jobs": ("everyone", "/jobs"),
    "cancel": ("owner", "/cancel {job}"),
    "check": ("owner", "/check {job}"),
    "giveup": ("owner", "/giveup {job}"),
    "delete": ("owner", "/delete {job}"),
    "confirm": ("asker", "/confirm {request}"),
    "dismiss": ("everyone", "/dismiss"),
    "usage": ("everyone", "/usage"),
    "budget": ("everyone", "/budget"),
    "join": ("undenied", "/join wrong-code"),
    "help": ("everyone", "/help"),
    "invite": ("operators", "/invite"),
    "allow": ("operators", "/allow telegram:900"),
    "deny": ("operators", "/deny telegram:900"),
    "stop": ("operators", "/stop"),
    "resume": ("operators", "/resume"),
}
"""Each command: who may use it, and how it is said. A new command needs a line here."""
REFUSED = {
    f"error.{key}"
    for key in ("operators_only", "may_not_spend", "not_yours", "not_your_quote", "stopped")
}


def test_every_command_has_a_rule_and_says_when_it_is_for_operators() -> None:
    assert {command.name for command in COMMANDS} == set(VERBS)
    flagged = {command.name for command in COMMANDS if command.for_operators}
    assert flagged == {name for name, (rule, _) in VERBS.items() if rule == "operators"}


async def test_everybody_may_do_exactly_what_the_rules_say(desk: Desk) -> None:
    for words in ("/allow telegram:501", "/allow telegram:602", "/deny telegram:602"):
        await desk.say(BOSS, words)
    await desk.say(BOSS, "/allow here", chat=FRIENDS)
    (job,) = await desk.order(ANNA, "/imagine a fox --model flux-dev")
    away = await desk.order(BOSS, "/imagine a fox --model flux-dev", chat=FRIENDS)
    await desk.ended(job, *away)
    found: dict[str, set[str]] = {}
    for verb, (_, words) in VERBS.items():
        quote = await desk.say(ANNA, "/imagine a {cat,dog,cow} -n 2 --model flux-dev")
        assert isinstance(quote, Menu)
        request = quote.buttons[0].token.partition(":")[2]
        for name, person in PEOPLE.items():
            at_home = name != "mate"
            said = words.format(job=job if at_home else away[0], request=request)
            key = await desk.key(person, said, chat=GROUP if at_home else FRIENDS)
            found.setdefault(verb, set()).update({name} - ({name} if key in REFUSED else set()))
        await desk.say(BOSS, "/resume")
    assert found == {verb: RULES[rule] for verb, (rule, _) in VERBS.items()}


async def test_only_operators_set_a_budget(desk: Desk) -> None:
    said = "/budget telegram:501 --amount 9 --period month"
    assert await desk.key(ANNA, said) == "error.operators_only"
    assert await desk.key(BOSS, said) == "budget.set"
    assert await desk.key(BOSS, "/budget role:discord:7 --amount 9") == "error.scope"


async def test_a_refused_command_is_not_carried_out_by_confirming_it(desk: Desk) -> None:
    await desk.key(ANNA, "/stop")
    assert await desk.key(ANNA, "/confirm test:0") == "error.operators_only"


async def test_a_yes_to_itself_is_a_yes_to_nothing(desk: Desk) -> None:
    assert await desk.key(ANNA, "/confirm test:0") == "error.request"


async def test_whoever_shares_a_group_with_somebody_who_may_spend_may_not(desk: Desk) -> None:
    await desk.say(BOSS, "/allow telegram:501")
    assert await desk.key(ANNA, "/imagine a fox --model flux-dev") == "accepted"
    assert await desk.key(BORIS, "/imagine a fox --model flux-dev") == "error.may_not_spend"
    assert await desk.key(BORIS, "/imagine a fox --model sketch") == "accepted"


async def test_a_denial_outweighs_every_permission(desk: Desk) -> None:
    wish = "/imagine a fox --model flux-dev"
    for words in ("/allow here", "/allow telegram:501", "/deny server"):
        await desk.say(BOSS, words, server="9")
    assert await desk.key(ANNA, wish) == "accepted"
    assert await desk.key(ANNA, wish, server="9") == "error.may_not_spend"
    assert await desk.key(BOSS, wish, server="9") == "accepted"


async def test_everyone_may_spend_where_the_settings_say_so(
    falai: FalEmulator, tmp_path: Path
) -> None:
    async with desk_at(tmp_path, falai, NANO_BANANA_ACCESS="everyone") as desk:
        assert await desk.key(ANNA, "/imagine a fox --model flux-dev") == "accepted"
        await desk.say(BOSS, "/deny telegram:501")
        assert await desk.key(ANNA, "/imagine a fox --model flux-dev") == "error.may_not_spend"


async def test_whoever_asked_for_the_answered_message_is_meant(desk: Desk) -> None:
    (job,) = await desk.order(BORIS, "/imagine a fox --model sketch")
    await desk.ended(job)
    picture = ""
    async with asyncio.timeout(30):
        while not picture:
            async with desk.studio.database.reading() as tx:
                shown = await tx.history.messages_of_job(job)
            picture = "".join(one for message in shown for one in message.platform_ids[:1])
            await asyncio.sleep(0.01)
    reply = await desk.say(BOSS, "/allow", replied_to=picture)
    assert isinstance(reply, Text)
    assert reply.values["who"] == "user:telegram:502"
    assert await desk.key(BOSS, "/allow") == "form"
    assert await desk.key(BOSS, "/allow", replied_to="unknown") == "form"


async def test_whoever_said_what_is_answered_is_meant(desk: Desk) -> None:
    await desk.say(BORIS, "/usage")
    async with desk.studio.database.reading() as tx:
        (answer,) = (one for one in await tx.history.page(GROUP, 9) if one.reply)
    reply = await desk.say(BOSS, "/deny", replied_to=answer.platform_ids[0])
    assert isinstance(reply, Text)
    assert reply.values["who"] == "user:telegram:502"


@pytest.mark.parametrize("who", ["all", "bob", "user:", "chat:telegram", "server", "a:b:c"])
async def test_whom_nobody_can_mean_is_refused(desk: Desk, who: str) -> None:
    assert await desk.key(BOSS, f"/allow {who}") == "error.scope"


async def test_what_is_private_and_what_came_of_it_is_seen_by_its_owner_alone(desk: Desk) -> None:
    (job,) = await desk.order(ANNA, "/imagine a secret --model sketch --private")
    await desk.ended(job)
    for words in (f"/vary {job}", f"/upscale {job}", f"/again {job}", f"/edit {job} --job {job}"):
        (other,) = await desk.order(ANNA, words)
        (ended,) = await desk.ended(other)
        assert ended.private
        assert await desk.key(BORIS, f"/show {other}") == "error.job"
    await until_shown(desk, 5)
    mine, theirs = await desk.say(ANNA, "/history"), await desk.say(BORIS, "/history")
    assert isinstance(mine, Text)
    assert len(mine.lines) == 5
    assert theirs == Text("history.empty", {"count": 0})


async def until_shown(desk: Desk, count: int) -> None:
    async with asyncio.timeout(30):
        while True:
            async with desk.studio.database.reading() as tx:
                page = await tx.history.page(GROUP, 99)
            if sum(isinstance(message.reply, Pictures) for message in page) == count:
                return
            await asyncio.sleep(0.01)


async def test_an_invitation_is_good_once_and_leaves_no_trace(desk: Desk, tmp_path: Path) -> None:
    made = await desk.say(BOSS, "/invite")
    assert isinstance(made, Text)
    code = str(made.values["code"])
    check_nowhere(tmp_path, code)
    assert await desk.key(ANNA, f"/join {code.upper().replace('-', ' ')}") == "joined"
    assert await desk.key(BORIS, f"/join {code}") == "error.invite"
    assert await desk.key(ANNA, "/imagine a fox --model flux-dev") == "accepted"
    assert await desk.key(BORIS, "/imagine a fox --model flux-dev") == "error.may_not_spend"
    assert await desk.key(ANNA, "/join") == "form"


async def test_an_invitation_is_not_made_where_others_read_it(desk: Desk) -> None:
    assert await desk.key(BOSS, "/invite", overheard=True) == "error.overheard"
    assert await desk.key(ANNA, "/invite", overheard=True) == "error.operators_only"


async def test_an_invitation_lifts_no_denial(desk: Desk) -> None:
    await desk.say(BOSS, "/deny telegram:501")
    made = await desk.say(BOSS, "/invite")
    assert isinstance(made, Text)
    join = f"/join {made.values['code']}"
    assert await desk.key(ANNA, join) == "error.may_not_spend"
    assert await desk.key(ANNA, "/imagine a fox --model flux-dev") == "error.may_not_spend"
    assert await desk.key(BORIS, join) == "joined"


def check_nowhere(folder: Path, code: str) -> None:
    files = [file for file in folder.rglob("studio.db*") if file.is_file()]
    assert files
    assert not [file for file in files if code.encode() in file.read_bytes()]


async def test_an_invitation_ends_and_a_guess_never_fits(desk: Desk) -> None:
    until = NOW + timedelta(days=1)
    async with desk.studio.database.transaction() as tx:
        await tx.access.invite(digest("good-code"), BOSS, NOW, until)
        assert await tx.access.redeem(digest("good-code"), ANNA, until) is None
        for _ in range(1000):
            assert await tx.access.redeem(digest(desk.studio.new_code()), ANNA, NOW) is None
        assert await tx.access.redeem(digest("Good Code"), ANNA, NOW) == BOSS.key
        assert await tx.access.redeem(digest("good-code"), ANNA, NOW) is None


async def test_an_invitation_pressed_by_a_hundred_at_once_lets_one_in(desk: Desk) -> None:
    made = await desk.say(BOSS, "/invite")
    assert isinstance(made, Text)
    crowd = [User("telegram", str(number)) for number in range(1000, 1100)]
    keys = await asyncio.gather(*(desk.key(one, f"/join {made.values['code']}") for one in crowd))
    assert sorted(set(keys)) == ["error.invite", "joined"]
    assert keys.count("joined") == 1


async def test_who_asks_too_fast_is_told_to_wait(falai: FalEmulator, tmp_path: Path) -> None:
    async with desk_at(tmp_path, falai, NANO_BANANA_ASKS_PER_MINUTE=3) as desk:
        for person, most in ((ANNA, 3), (BORIS, 3), (BOSS, 9)):
            taken = [desk.home.intake.wait(person) for _ in range(9)]
            assert [one for one in taken if not one] == [0.0] * most
            assert all(0 < one <= 60 for one in taken[most:])
        assert isinstance(await desk.say(ANNA, "/models"), Text)
        reply = await desk.say(BOSS, "/imagine a fox --model sketch")
        assert isinstance(reply, Accepted)


async def test_what_is_not_there_is_found_by_nobody(desk: Desk) -> None:
    for words, key in (("/confirm nothing", "error.request"), ("/cancel nothing", "error.job")):
        assert await desk.key(BOSS, words) == key

"""Decides from what others wrote down whether everything owed was delivered once and paid once.

It imports nothing of the program. `python -m tests.crash.checker FOLDER` judges a folder again.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.crash.evidence import Evidence, Json, Verdict
from tests.crash.shown import discord_was_told_once, is_status, telegram_was_told_once

FREE = "sketch"
"""The provider that draws in the program itself: nobody else saw its orders."""
ENDINGS = {"done", "failed", "cancelled", "in_doubt"}


def check(folder: Path) -> Verdict:
    """Judge a folder in which people, services and lives have left their traces."""
    evidence, verdict = Evidence(folder), Verdict()
    verdict.counts["lives"] = len(evidence.ends)
    verdict.counts["asks"] = len(evidence.asks)
    verdict.counts["jobs"] = len(evidence.jobs)
    for examine in (
        database_is_sound,
        every_ask_was_kept,
        every_job_has_ended,
        every_order_was_sent_once,
        every_cent_is_in_the_ledger,
        telegram_was_told_once,
        discord_was_told_once,
        nobody_is_left_waiting,
        no_rule_was_broken,
    ):
        examine(evidence, verdict)
    return verdict


def database_is_sound(evidence: Evidence, verdict: Verdict) -> None:
    found = [row["integrity_check"] for row in evidence.rows("PRAGMA integrity_check")]
    verdict.expect(found == ["ok"], f"integrity_check says {found}")
    broken = evidence.rows("PRAGMA foreign_key_check")
    verdict.expect(not broken, f"foreign_key_check says {broken}")


# --- asks and jobs -----------------------------------------------------------------------------


def every_ask_was_kept(evidence: Evidence, verdict: Verdict) -> None:
    """Telegram gives again what was not confirmed; Discord tells only who listens."""
    waiting = [row["request"] for row in evidence.inbox if row["handled_at"] is None]
    verdict.expect(not waiting, f"never answered: {waiting}")
    jobs = Counter(job["request"] for job in evidence.jobs)
    slashes = {line["id"]: line["marker"] for line in evidence.lines("slashes")}
    told = {slashes.get(each) for each in _acknowledged(evidence)}
    for ask in evidence.asks:
        if ask["kind"] not in {"words", "slash", "mention"}:
            continue
        kept = [row for row in evidence.inbox if ask["marker"] in row["ask"]]
        may_be_unheard = ask["platform"] == "discord" and ask["marker"] not in told
        if not kept and may_be_unheard:
            verdict.counts["unheard by Discord's bot"] += 1
            continue
        verdict.expect(len(kept) == 1, f"kept {len(kept)} times: {ask}")
        for row in kept:
            made = jobs[row["request"]]
            verdict.expect(made == ask["jobs"], f"{made} jobs of {row['request']}: {ask}")
    _every_press_counts(evidence, verdict, jobs)


def _every_press_counts(evidence: Evidence, verdict: Verdict, jobs: Mapping[str, int]) -> None:
    kept = {row["request"]: row["said"]["command"] for row in evidence.inbox if _is_press(row)}
    for request in kept:
        verdict.expect(jobs[request] == 1, f"no job for the press {request}")
    pressed = Counter(
        ask["job"]
        for ask in evidence.asks
        if ask["kind"] == "press" and ask["platform"] == "telegram"
    )
    told = _acknowledged(evidence)
    for press in evidence.lines("presses"):
        if f"discord:{press['id']}" not in kept and press["id"] not in told:
            verdict.counts["unheard by Discord's bot"] += 1
            continue
        pressed[press["job"]] += 1
    heard = Counter(said["job"] for said in kept.values())
    verdict.expect(pressed == heard, f"pressed {pressed}, kept {heard}")


def _is_press(row: Json) -> bool:
    return (row["said"]["command"] or {}).get("command") == "again"


def _acknowledged(evidence: Evidence) -> set[str]:
    """List the interactions of which Discord's people were told that they are under way."""
    heard: Json = evidence.kept("interactions")
    return {each for each, one in heard.items() if one["answer"] is not None}


def every_job_has_ended(evidence: Evidence, verdict: Verdict) -> None:
    free = {ask["marker"]: ask["outcome"] for ask in evidence.asks if "marker" in ask}
    for job in evidence.jobs:
        status, prompt = job["status"], job["work"]["prompt"]
        verdict.counts[status] += 1
        verdict.expect(status in ENDINGS, f"job {job['id']} is still {status}")
        if status == "in_doubt":
            verdict.in_doubt.append(job["id"])
        wanted = [outcome for marker, outcome in free.items() if marker in prompt]
        if status not in {"done", "in_doubt"} and wanted != ["any"]:
            verdict.wrong.append(f"job {job['id']} is {status} ({job['error']})")


# --- orders and money --------------------------------------------------------------------------


def every_order_was_sent_once(evidence: Evidence, verdict: Verdict) -> None:
    accepted = Counter(_order(order["input"]) for order in _remote_jobs(evidence))
    bought = [job for job in evidence.jobs if job["provider"] != FREE]
    verdict.counts["drawn here"] = len(evidence.jobs) - len(bought)
    wanted = Counter(_order(job["work"]) for job in bought)
    verdict.counts["orders"] = accepted.total()
    verdict.expect(accepted <= wanted, f"nobody wanted: {accepted - wanted}")
    twice = [order for order, count in wanted.items() if count > 1]
    verdict.expect(not twice, f"two jobs of the same order cannot be told apart: {twice}")
    for job in bought:
        paid = accepted[_order(job["work"])]
        verdict.expect(paid or job["status"] != "done", f"done without an order: {job['id']}")
        lost = paid and job["status"] == "in_doubt"
        verdict.expect(not lost, f"ordered and never found again: {job['id']}")
    posts = Counter(_tag(call) for call in evidence.lines("calls-fal") if _tag(call))
    verdict.counts["posts to fal"] = posts.total()
    posts.subtract(evidence.kept("turned_away"))  # what surely was not taken may be sent again
    often = {tag: count for tag, count in posts.items() if count > 1}
    verdict.expect(not often, f"posted more than once: {often}")


def every_cent_is_in_the_ledger(evidence: Evidence, verdict: Verdict) -> None:
    bills: Counter[tuple[str, int]] = Counter()
    for provider in ("fal", "replicate"):
        kept = evidence.kept(provider)
        named = {order["id"]: _order(order["input"]) for order in kept["jobs"]}
        for name, bill in kept["bills"].items():
            bills[named[name]] += bill
    booked = Counter({row["job"]: row["total"] for row in evidence.rows(BOOKED)})
    for job in evidence.jobs:
        if job["status"] == "in_doubt":
            verdict.counts["micro-dollars in doubt"] += booked[job["id"]]
            del booked[job["id"]], bills[_order(job["work"])]
            continue
        billed = bills[_order(job["work"])]
        verdict.expect(
            booked[job["id"]] == billed, f"job {job['id']}: {booked[job['id']]} for {billed}"
        )
    verdict.counts["micro-dollars booked"] = booked.total()
    verdict.expect(
        booked.total() == bills.total(), f"{booked.total()} booked, {bills.total()} billed"
    )
    open_holds = evidence.rows(HELD)
    verdict.expect(not open_holds, f"still held: {open_holds}")


BOOKED = "SELECT job, sum(amount) AS total FROM ledger GROUP BY job"
HELD = """
    SELECT ledger.job FROM ledger JOIN jobs ON jobs.id = ledger.job
    WHERE jobs.status != 'in_doubt' GROUP BY ledger.job HAVING count(*) != 2
"""


def _remote_jobs(evidence: Evidence) -> Iterator[Json]:
    for provider in ("fal", "replicate"):
        yield from evidence.kept(provider)["jobs"]


def _order(given: Json) -> tuple[str, int]:
    """Name an order as both sides can: its words and its seed, drawn for each."""
    return given["prompt"], given["seed"]


def _tag(call: Json) -> str:
    return call["headers"].get("X-Fal-Tags", "") if call["method"] == "POST" else ""


# --- the end ----------------------------------------------------------------------------------

BROKEN = """
    SELECT * FROM outbox WHERE outcome NOT IN ('delivered', 'superseded')
    AND NOT (ending = 'in_doubt' AND error = 'overtaken')
"""


def nobody_is_left_waiting(evidence: Evidence, verdict: Verdict) -> None:
    promises = evidence.rows(BROKEN)
    verdict.expect(not promises, f"promises not kept: {promises}")
    thinking = [each["id"] for each in evidence.discord if each["thinking"]]
    verdict.expect(not thinking, f"Discord still shows the bot thinking: {thinking}")
    lines = [each for each in evidence.discord if is_status(each["content"])]
    verdict.expect(not lines, f"status lines left on Discord: {lines}")


def no_rule_was_broken(evidence: Evidence, verdict: Verdict) -> None:
    for provider in ("fal", "replicate"):
        rules = evidence.kept(provider)["broken_rules"]
        verdict.expect(not rules, f"{provider}: {rules}")
    for service, rules in evidence.kept("broken_rules").items():
        verdict.expect(not rules, f"{service}: {rules}")


if __name__ == "__main__":
    judged = check(Path(sys.argv[1]))
    print(judged.told())  # noqa: T201 - what it is asked for
    sys.exit(bool(judged.wrong))

"""Decides whether people were shown what they are owed: once, or as seldom as can be."""

from tests.crash.evidence import Evidence, Json, Verdict

BUTTONS = "What next?"
STATUS = ("In the queue", "Drawing", "Fetching")
"""How a status line begins."""
ASIDE = ("Cancelling", "Job ")
"""How the answer begins that only who pressed a button sees: in private, when it comes late."""


def is_status(words: str) -> bool:
    """Whether a message is a status line, be it below the name of who asked."""
    return any(line.startswith(STATUS) for line in words.splitlines())


def telegram_was_told_once(evidence: Evidence, verdict: Verdict) -> None:
    for job in evidence.jobs:
        if job["platform"] != "telegram":
            continue
        seen = [each for each in evidence.telegram if job["id"] in _words(each)]
        here = [each for each in seen if _is_there(each, job)]
        verdict.expect(len(here) == len(seen), f"job {job['id']} was shown in another chat")
        if job["status"] == "done":
            shown = sum(bool(each["caption"]) for each in here)
            verdict.expect(shown, f"job {job['id']} was never delivered")
            lives = evidence.lives_that_sent(evidence.shown_in_telegram, job["id"])
            _at_most_one_each_life(verdict, job["id"], shown, lives)
            _nobody_tells_what_was_noted(evidence, verdict, job["id"], lives)
        else:
            answers = [each for each in evidence.telegram if _answers(each, job)]
            verdict.expect(answers, f"nobody was told that job {job['id']} is {job['status']}")
    for ask in evidence.asks:
        if ask["platform"] == "telegram" and ask["kind"] == "words" and not ask["jobs"]:
            _telegram_answered(evidence, verdict, ask)
    lines = [each for each in evidence.telegram if is_status(_words(each))]
    verdict.counts["status lines left in Telegram"] = len(lines)
    verdict.expect(len(lines) <= len(evidence.ends), f"{len(lines)} status lines left")


def _telegram_answered(evidence: Evidence, verdict: Verdict, ask: Json) -> None:
    if ask["outcome"] != "done":
        return
    marker = ask["marker"]
    seen = [each for each in evidence.telegram if marker in _words(each)]
    verdict.expect(seen, f"never answered: {ask}")
    lives = evidence.lives_that_sent(evidence.said_in_telegram, marker)
    _at_most_one_each_life(verdict, marker, len(seen), lives)


def _at_most_one_each_life(verdict: Verdict, name: str, shown: int, lives: set[int]) -> None:
    """Telegram cannot tell a repeated message: one more may stand there for each killed send."""
    verdict.counts["duplicates in Telegram"] += max(0, shown - 1)
    verdict.expect(shown <= len(lives), f"{name} stands {shown} times, sent in lives {lives}")


def _nobody_tells_what_was_noted(
    evidence: Evidence, verdict: Verdict, job: str, lives: set[int]
) -> None:
    """What a life has noted as delivered, no later one may send again."""
    noted = evidence.noted.get(job)
    verdict.expect(
        noted is not None and max(lives, default=0) <= noted,
        f"job {job} was noted in life {noted} and sent in lives {lives}",
    )


def _words(seen: Json) -> str:
    return seen["caption"] or seen["text"]


def _is_there(seen: Json, job: Json) -> bool:
    place = (str(seen["chat"]), str(seen["thread"] or ""))
    return place == (job["chat"], job["thread"])


def _answers(seen: Json, job: Json) -> bool:
    below = str(seen["reply_to"] or "") == job["address"]["reply_to"]
    said = _words(seen)
    return below and _is_there(seen, job) and not said.startswith(BUTTONS) and not is_status(said)


def discord_was_told_once(evidence: Evidence, verdict: Verdict) -> None:
    for job in evidence.jobs:
        if job["platform"] == "discord":
            _discord_told_of(evidence, verdict, job)
    kept = " ".join(row["ask"] for row in evidence.inbox)
    for ask in evidence.asks:
        if ask["platform"] == "discord" and ask.get("jobs") == 0 and ask["marker"] in kept:
            seen = [each for each in evidence.discord if ask["marker"] in each["content"]]
            verdict.expect(len(seen) == 1, f"answered {len(seen)} times: {ask}")


def _discord_told_of(evidence: Evidence, verdict: Verdict, job: Json) -> None:
    named = [each for each in evidence.discord if job["id"] in each["content"]]
    aside = [each for each in named if each["content"].startswith(ASIDE)]
    told = [each for each in named if each not in aside]
    aloud = [one for one in aside if one["channel"] in evidence.open and not one["ephemeral_for"]]
    verdict.expect(not aloud, f"everybody sees who pressed a button of job {job['id']}")
    if not job["private"]:  # told late, a private job stands in the private channel
        there = all(each["channel"] == job["chat"] for each in told)
        verdict.expect(there, f"job {job['id']} was shown in another channel")
    if job["status"] == "done":  # that it was in doubt before may stand there too
        shown = sum(bool(each["attachments"]) for each in told)
        _discord_shows_it_once(evidence, verdict, job, shown)
    elif job["status"] == "in_doubt":
        _discord_shows_it_once(evidence, verdict, job, len(told))
    else:
        ends = [each for each in evidence.discord if _ends_on_discord(each, job)]
        verdict.expect(len(ends) == 1, f"told {len(ends)} times of the end of job {job['id']}")


def _ends_on_discord(seen: Json, job: Json) -> bool:
    """Such an end does not name its job: it stands below who asked, and nothing else is there."""
    words = seen["content"]
    below = bool(seen["reply_to"]) and seen["reply_to"] == job["address"]["reply_to"]
    return below and seen["channel"] == job["chat"] and job["id"] not in words


def _discord_shows_it_once(evidence: Evidence, verdict: Verdict, job: Json, shown: int) -> None:
    """Discord knows a message again by its place or its nonce, but for a private follow-up.

    That one may stand there once more for each killed send.
    """
    lives = evidence.lives_that_sent(evidence.followed_up, job["id"]) if job["private"] else set()
    verdict.counts["duplicates on Discord, in private"] += max(0, shown - 1)
    most = max(1, len(lives))
    verdict.expect(
        1 <= shown <= most, f"job {job['id']} stands {shown} times on Discord, for {most}"
    )
    if job["status"] == "done":
        _nobody_tells_what_was_noted(evidence, verdict, job["id"], lives)

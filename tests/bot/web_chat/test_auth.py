from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.web_chat.auth import IDLE, Auth
from core.errors import LimitReached


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def key_of(auth: Auth) -> str:
    return parse_qs(urlsplit(auth.sign_in_link("http://x")).query)["key"][0]


def session(auth: Auth) -> str:
    cookie = auth.sign_in(key_of(auth))
    assert cookie is not None
    return cookie


def test_a_session_survives_a_restart_and_the_key_does_not(tmp_path: Path) -> None:
    clock = Clock()
    before = Auth.open(tmp_path / "key", clock)
    cookie = session(before)
    after = Auth.open(tmp_path / "key", clock)
    assert after.signed_in(cookie)
    assert after.cookie == before.cookie
    assert after.sign_in(key_of(before)) is None


def test_the_secret_is_for_this_account_alone(tmp_path: Path) -> None:
    Auth.open(tmp_path / "key", Clock())
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_session_ends_after_thirty_idle_days_and_use_renews_it(tmp_path: Path) -> None:
    clock = Clock()
    auth = Auth.open(tmp_path / "key", clock)
    first = session(auth)
    assert auth.renewed(first) is None
    clock.time += IDLE - timedelta(hours=1)
    renewed = auth.renewed(first)
    clock.time += timedelta(hours=2)
    assert not auth.signed_in(first)
    assert renewed is not None
    assert auth.signed_in(renewed)


@pytest.mark.parametrize("change", ["", "x", ".", "a.b.c", "ü.1.x", "a.²."])
def test_a_forged_cookie_is_nobody(tmp_path: Path, change: str) -> None:
    assert not Auth.open(tmp_path / "key", Clock()).signed_in(change)


def test_no_character_of_a_cookie_can_be_changed(tmp_path: Path) -> None:
    auth = Auth.open(tmp_path / "key", Clock())
    cookie = session(auth)
    for place in range(len(cookie)):
        other = "0" if cookie[place] != "0" else "1"
        assert not auth.signed_in(cookie[:place] + other + cookie[place + 1 :])


def test_ten_wrong_keys_a_minute_close_the_door_for_a_minute(tmp_path: Path) -> None:
    clock = Clock()
    auth = Auth.open(tmp_path / "key", clock)
    passed = 0
    for _ in range(10_000):
        try:
            auth.sign_in("wrong")
        except LimitReached:
            continue
        passed += 1
    assert passed == 10
    clock.time += timedelta(minutes=1)
    assert auth.sign_in(key_of(auth))

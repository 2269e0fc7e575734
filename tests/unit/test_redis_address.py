"""Where a Redis store is: every form of the URL, and what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.errors import StoreDown, UsageError
from modelctl.store import open_store
from modelctl.store.redis_address import RedisAddress, read_address

SECRET = "hunter2-very-secret"


@pytest.mark.parametrize(
    ("url", "shown", "name"),
    [
        ("redis://box", "redis://box:6379", "default"),
        ("rediss://box:1234/3?name=prod", "rediss://box:1234/3", "prod"),
        ("valkey://[::1]:7", "redis://::1:7", "default"),
        ("valkeys://box", "rediss://box:6379", "default"),
        (f"redis://ada:{SECRET}@box", "redis://box:6379", "default"),
        ("redis+sentinel://a,b:7/main/2", "redis+sentinel://a:26379,b:7/main/2", "default"),
        ("rediss+cluster://a:1,b?name=x.y-z", "rediss+cluster://a:1,b:6379", "x.y-z"),
    ],
)
def test_a_form_of_the_url(url: str, shown: str, name: str) -> None:
    address = read_address(url)
    assert (str(address), address.tag) == (shown, f"{{modelctl:{name}}}")


def test_who_asks_and_with_what() -> None:
    address = read_address("redis://ada:p%40ss@box")
    assert (address.username, address.password) == ("ada", "p@ss")
    assert read_address("redis://:word@box") == RedisAddress(
        "single", False, (("box", 6379),), 0, "default", password="word"
    )


def test_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("from a file\n")
    assert read_address(f"redis://box?password_file={tmp_path}/word").password == "from a file"
    with pytest.raises(StoreDown, match="password cannot be read"):
        read_address(f"redis://box?password_file={tmp_path}/none")


def test_no_secret_is_shown() -> None:
    assert SECRET not in repr(read_address(f"redis://ada:{SECRET}@box?sentinel_password={SECRET}"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"redis://:{SECRET}@", "names no host"),
        (f"redis://:{SECRET}@box:port", "no valid port"),
        (f"redis://:{SECRET}@box/main", "no number of a database"),
        (f"redis+cluster://:{SECRET}@box/1", "a cluster has no numbered databases"),
        (f"redis+sentinel://:{SECRET}@box", "ends with the name of the master"),
        (f"redis://:{SECRET}@box?naem=x", "unknown `naem`"),
        (f"redis://:{SECRET}@box?name=a b", "letters, digits"),
        (f"redis+unknown://:{SECRET}@box", "no store of kind"),
    ],
)
def test_what_is_no_url_of_a_store(url: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        open_store(url)
    assert SECRET not in f"{raised.value.message} {raised.value.hint}"

"""Telegram's text formats, as the emulator reads them."""

import pytest

from tests.emulators.telegram_entities import formatted
from tests.emulators.telegram_rules import Refused

CASES = [
    ("<b>🍌 a</b> &lt;b&gt; &amp;", "HTML", "🍌 a <b> &", ["bold 0 4"]),
    ('<a href="https://a.b">x</a> <u><i>y</i></u>', "HTML", "x y", ["text_link 0 1"]),
    (
        "*🍌* _a_ __b__ ||c|| `d_` 1\\.5",
        "MarkdownV2",
        "🍌 a b c d_ 1.5",
        ["bold 0 2", "italic 3 1"],
    ),
    ("[x](https://a.b/\\)) ```py\nz\n```", "MarkdownV2", "x z", ["text_link 0 1", "pre 2 1"]),
    (">a\n>b\nc", "MarkdownV2", "a\nb\nc", ["blockquote 0 3"]),
    (
        "  /imagine@nano_banana_bot hi @anna ",
        "",
        "/imagine@nano_banana_bot hi @anna",
        ["bot_command 0 24"],
    ),
]


@pytest.mark.parametrize(("source", "mode", "text", "first"), CASES)
def test_formatted_text_becomes_plain_text_with_entities(
    source: str, mode: str, text: str, first: list[str]
) -> None:
    read = formatted(source, mode)
    found = [f"{each['type']} {each['offset']} {each['length']}" for each in read.entities]
    assert read.text == text
    assert found[: len(first)] == first


@pytest.mark.parametrize(
    ("source", "mode", "refusal"),
    [
        ("a < b", "HTML", "Unclosed start tag at byte offset 2"),
        ("🍌<foo>", "HTML", 'Unsupported start tag "foo" at byte offset 4'),
        ("<b>a", "HTML", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>a</i>", "HTML", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("a</b>", "HTML", "Unexpected end tag at byte offset 1"),
        (
            "a.",
            "MarkdownV2",
            "Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        ("🍌 _a", "MarkdownV2", "Can't find end of Italic entity at byte offset 5"),
        ("`a", "MarkdownV2", "Can't find end of Code entity at byte offset 0"),
    ],
)
def test_broken_formatting_is_refused_in_telegrams_words(
    source: str, mode: str, refusal: str
) -> None:
    with pytest.raises(Refused) as refused:
        formatted(source, mode)
    assert refused.value.description == f"Bad Request: can't parse entities: {refusal}"

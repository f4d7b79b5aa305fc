"""Telegram's text formats: HTML and MarkdownV2 become plain text with entities."""

import html
import re
from dataclasses import dataclass, field

from tests.emulators.telegram_rules import Json, bad, utf16_length

HTML_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
MARKS = {
    "*": "bold",
    "_": "italic",
    "__": "underline",
    "~": "strikethrough",
    "||": "spoiler",
}
SPOKEN = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "text_link": "TextUrl",
}
FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)"
    r"|(?P<mention>(?<!\w)@\w{3,32})|(?P<url>https?://\S+)|(?P<hashtag>(?<!\w)#\w+)"
)
HTML_PIECE = re.compile(
    r"<(?P<tag>[^>]*)(?P<end>>?)|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|.", re.DOTALL
)
HTML_VALUE = re.compile(r"""([\w-]+)\s*=\s*("[^"]*"|'[^']*'|[\w.-]+)""")
MARKDOWN_PIECE = re.compile(
    r"\\(?P<escaped>[\x01-\x7e])"
    r"|```(?:(?P<language>[\w+-]+)\n)?(?P<pre>(?:\\.|(?!```)[^\\])*)```"
    r"|`(?P<code>(?:\\.|[^`\\])*)`"
    r"|(?P<mark>\*|__|_|~|\|\|)"
    r"|(?P<opens>!?\[)|\](?:\((?P<url>(?:\\.|[^)\\])*)\))?(?P<closes>)"
    r"|(?P<quote>^>)|(?P<reserved>[`>#+\-=|{}.!()])|(?P<plain>.)",
    re.DOTALL | re.MULTILINE,
)


@dataclass
class Formatted:
    """Plain text with its entities; offsets count UTF-16 code units."""

    text: str = ""
    entities: list[Json] = field(default_factory=list[Json])

    @property
    def length(self) -> int:
        """Where the next character will stand."""
        return utf16_length(self.text)

    def mark(self, start: int, **entity: object) -> None:
        """Add an entity from `start` to here, unless it is empty."""
        if self.length > start:
            self.entities.append({"offset": start, "length": self.length - start, **entity})

    def trimmed(self) -> "Formatted":
        """Cut the white space around the text and name what it mentions."""
        lead = utf16_length(self.text) - utf16_length(self.text.lstrip())
        text = self.text.strip()
        size = utf16_length(text)
        kept = [
            {**entity, "offset": start, "length": min(entity["length"], size - start)}
            for entity in self.entities
            if (start := max(0, entity["offset"] - lead)) < size
        ]
        found = [entity for entity in mentions(text) if not _overlaps(entity, kept)]
        return Formatted(text, sorted(kept + found, key=lambda entity: entity["offset"]))


def formatted(text: str, parse_mode: str, entities: list[Json] | None = None) -> Formatted:
    """Read text in the format that the bot names.

    Raises:
        Refused: the text is not valid in that format.
    """
    match parse_mode.lower():
        case "":
            return Formatted(text, list(entities or [])).trimmed()
        case "html":
            return _from_html(text).trimmed()
        case "markdownv2":
            return _from_markdown(text).trimmed()
        case _:
            raise bad("unsupported parse_mode")


def mentions(text: str) -> list[Json]:
    """Find the commands, names, links and tags that Telegram marks by itself."""
    return [
        {
            "type": match.lastgroup,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for match in FOUND.finditer(text)
    ]


def _overlaps(entity: Json, others: list[Json]) -> bool:
    start, end = entity["offset"], entity["offset"] + entity["length"]
    return any(
        other["offset"] < end and start < other["offset"] + other["length"]
        for other in others
        if other["type"] in {"code", "pre", "text_link"}
    )


def _offset(text: str, position: int) -> int:
    return len(text[:position].encode())


def _cannot(reason: str, text: str, position: int) -> Exception:
    return bad(f"can't parse entities: {reason} at byte offset {_offset(text, position)}")


@dataclass
class _Tag:
    name: str
    start: int
    values: dict[str, str]

    def entity(self) -> Json | None:
        kind = HTML_TAGS[self.name]
        if kind == "text_link":
            return {"type": kind, "url": self.values["href"]} if self.values.get("href") else None
        if kind == "custom_emoji":
            return {"type": kind, "custom_emoji_id": self.values.get("emoji-id", "")}
        if kind == "blockquote" and "expandable" in self.values:
            return {"type": "expandable_blockquote"}
        return {"type": kind}


def _from_html(text: str) -> Formatted:
    out = Formatted()
    stack: list[_Tag] = []
    for piece in HTML_PIECE.finditer(text):
        if piece["tag"] is None:
            out.text += html.unescape(piece.group())
        elif piece["tag"].startswith("/"):
            _close_tag(text, piece, stack, out)
        else:
            stack.append(_open_tag(text, piece, out.length))
    if stack:
        raise bad(
            "can't parse entities: Can't find end tag corresponding "
            f'to start tag "{stack[-1].name}"'
        )
    return out


def _open_tag(text: str, piece: re.Match[str], start: int) -> _Tag:
    name = re.split(r"[\s>]", piece["tag"], maxsplit=1)[0].lower()
    if not piece["end"]:
        raise _cannot("Unclosed start tag", text, piece.start())
    if name not in HTML_TAGS:
        raise _cannot(f'Unsupported start tag "{name}"', text, piece.start())
    rest = piece["tag"][len(name) :]
    values = {
        key.lower(): html.unescape(value.strip("\"'")) for key, value in HTML_VALUE.findall(rest)
    }
    if name == "span" and values.get("class") != "tg-spoiler":
        raise _cannot('Tag "span" must have class "tg-spoiler"', text, piece.start())
    bare = {"expandable": ""} if "expandable" in rest.split() else {}
    return _Tag(name, start, values | bare)


def _close_tag(text: str, piece: re.Match[str], stack: list[_Tag], out: Formatted) -> None:
    name = piece["tag"][1:].strip().lower()
    if not stack:
        raise _cannot("Unexpected end tag", text, piece.start())
    tag = stack.pop()
    if name not in {"", tag.name}:
        at = _offset(text, piece.start())
        raise bad(
            f"can't parse entities: Unmatched end tag at byte offset {at}, "
            f'expected "</{tag.name}>", found "</{name}>"'
        )
    if entity := tag.entity():
        out.mark(tag.start, **entity)


@dataclass
class _Markdown:
    source: str
    out: Formatted = field(default_factory=Formatted)
    stack: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])
    quote: int | None = None

    def read(self) -> Formatted:
        for piece in MARKDOWN_PIECE.finditer(self.source):
            self._take(piece)
        if self.stack:
            kind, _, at = self.stack[-1]
            raise _cannot(f"Can't find end of {SPOKEN[kind]} entity", self.source, at)
        self._end_quote()
        return self.out

    def _take(self, piece: re.Match[str]) -> None:
        kind = _kind(piece)
        if kind in {"escaped", "plain"}:
            self._plain(piece, kind)
        elif kind in {"pre", "code"}:
            self._span(piece, kind)
        elif kind == "mark":
            self._mark(MARKS[piece["mark"]], piece.start())
        elif kind == "opens":
            self.stack.append(("text_link", self.out.length, piece.start()))
        elif kind == "closes":
            self._link(piece)
        elif kind == "quote":
            self.quote = self.out.length if self.quote is None else self.quote
        else:
            self._reserved(piece)

    def _plain(self, piece: re.Match[str], kind: str) -> None:
        following = self.source[piece.end() : piece.end() + 1]
        if piece[kind] == "\n" and following != ">":
            self._end_quote()
        self.out.text += piece[kind]

    def _end_quote(self) -> None:
        if self.quote is not None:
            self.out.mark(self.quote, type="blockquote")
        self.quote = None

    def _span(self, piece: re.Match[str], kind: str) -> None:
        start = self.out.length
        self.out.text += re.sub(r"\\(.)", r"\1", piece[kind], flags=re.DOTALL)
        language = {"language": piece["language"]} if piece["language"] else {}
        self.out.mark(start, type=kind, **language)

    def _mark(self, kind: str, at: int) -> None:
        if self.stack and self.stack[-1][0] == kind:
            self.out.mark(self.stack.pop()[1], type=kind)
        else:
            self.stack.append((kind, self.out.length, at))

    def _link(self, piece: re.Match[str]) -> None:
        if not self.stack or self.stack[-1][0] != "text_link":
            self._reserved(piece)
        start = self.stack.pop()[1]
        if piece["url"]:
            self.out.mark(start, type="text_link", url=re.sub(r"\\(.)", r"\1", piece["url"]))

    def _reserved(self, piece: re.Match[str]) -> None:
        if piece.group() == "`":
            raise _cannot("Can't find end of Code entity", self.source, piece.start())
        raise bad(
            f"can't parse entities: Character '{piece.group()[0]}' is reserved "
            "and must be escaped with the preceding '\\'"
        )


def _kind(piece: re.Match[str]) -> str:
    named = (name for name, value in piece.groupdict().items() if value is not None)
    return next(name for name in named if name not in {"language", "url"})


def _from_markdown(text: str) -> Formatted:
    return _Markdown(text).read()

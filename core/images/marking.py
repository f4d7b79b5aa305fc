"""Mark where a picture comes from, in the words of IPTC, inside the file as XMP."""

import re
from enum import StrEnum
from html import escape

from PIL import Image

from core.images.codec import Format, encode
from core.images.container import xmp_in

CREATOR = "nano-banana"
_TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TERM = re.compile(rb"digitalsourcetype/([A-Za-z]{1,64})")


class SourceType(StrEnum):
    """How a picture came to be: IPTC's digital source types."""

    ALGORITHMIC = "algorithmicMedia"
    TRAINED = "trainedAlgorithmicMedia"
    COMPOSITE = "compositeWithTrainedAlgorithmicMedia"


def mark(image: Image.Image, source: SourceType, model: str, kind: Format, quality: int) -> bytes:
    """Write an image file that says how it was made; the prompt is personal and stays out."""
    return encode(image, kind, quality, packet(source, model))


def source_type(data: bytes) -> str | None:
    """Read back how a file says it came to be, as IPTC's term."""
    found = _TERM.search(xmp_in(data))
    return found[1].decode() if found else None


def packet(source: SourceType, model: str) -> bytes:
    """Write the XMP packet."""
    # IPTC Photo Metadata 2025.1 names the property for the AI system; rules are none.
    system = "" if source is SourceType.ALGORITHMIC else _AI_SYSTEM.format(escape(model))
    return _PACKET.format(source=_TERMS + source, tool=CREATOR, system=system).encode()


_AI_SYSTEM = "\n   <Iptc4xmpExt:AISystemUsed>{}</Iptc4xmpExt:AISystemUsed>"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
   <Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>{system}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

"""Face regions in XMP: the schema of the Metadata Working Group, added to a document that may hold other things.

Coordinates are shares of the picture as it is stored, before its EXIF orientation turns it upright, and a region is a
centre and a size. Regions and everything else that a document already holds stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.dom.minidom import Document, Element, Node, parseString
from xml.parsers.expat import ExpatError

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACES: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
}
EMPTY: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="facecascade">'
    f'<rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}"/></x:xmpmeta><?xpacket end="w"?>'
)
SAME_FACE: Final = 0.5
"""IoU from which a region that is there already is taken for the same face."""
SAME_SHAPE: Final = 0.01
"""Share by which the aspect of a picture may differ from that of the regions: small copies are rounded."""


class Region(NamedTuple):
    """A rectangle in shares of the stored picture: its centre and its size."""

    x: float
    y: float
    w: float
    h: float


def stored_regions(boxes: NDArray[np.float32], *, width: int, height: int, orientation: int) -> list[Region]:
    """Boxes of the upright picture as regions of the stored one, cut to it; those outside are left out.

    Args:
        boxes: (n, 4) x1 y1 x2 y2, pixels of the upright picture.
        width: of the upright picture, in pixels.
        height: of the upright picture, in pixels.
        orientation: of EXIF, 1 to 8.
    """
    edges = np.clip(boxes.astype(np.float64) / [width, height, width, height], 0, 1)
    sizes = edges[:, 2:] - edges[:, :2]
    centres = (edges[:, 2:] + edges[:, :2]) / 2
    kept = (sizes > 0).all(axis=1)
    return [
        _stored(Region(*centre, *size), orientation)
        for centre, size in zip(centres[kept].tolist(), sizes[kept].tolist(), strict=True)
    ]


def _stored(upright: Region, orientation: int) -> Region:
    x, y, w, h = upright
    centre = {
        1: (x, y),
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (y, 1 - x),
        7: (1 - y, 1 - x),
        8: (1 - y, x),
    }[orientation]
    return Region(*centre, *((h, w) if orientation >= 5 else (w, h)))


def with_regions(document: bytes | None, regions: Sequence[Region], *, width: int, height: int, name: str) -> str:
    """The XMP document with these face regions in it.

    Regions that overlap one that is there already are left out, so a second run adds nothing.

    Args:
        document: XMP; None for a new one.
        regions: of the stored picture.
        width: of the stored picture, in pixels.
        height: of the stored picture, in pixels.
        name: of the document; for errors.

    Raises:
        AnnotationError: the document is no XMP, or has regions of a picture of another shape.
    """
    xmp = _parsed(EMPTY.encode() if document is None else document, name=name)
    holder = _first(xmp, "mwg-rs", "Regions")
    if holder is None:
        _add_holder(xmp, regions, width=width, height=height, name=name)
    else:
        _add_missing(holder, regions, aspect=width / height, name=name)
    return xmp.toprettyxml(indent=" ") if document is None else xmp.toxml()


def _parsed(document: bytes, *, name: str) -> Document:
    try:
        # Expat itself limits how far entities may grow; none is ever fetched.
        return parseString(document)  # noqa: S318
    except ExpatError as error:
        raise AnnotationError(f"{name}: expected XMP, got XML that cannot be read: {error}") from error


def _add_holder(xmp: Document, regions: Sequence[Region], *, width: int, height: int, name: str) -> None:
    root = _first(xmp, "rdf", "RDF")
    if root is None:
        raise AnnotationError(f"{name}: expected XMP, got XML without rdf:RDF")
    description = _child(root, "rdf:Description", declare=True)
    description.setAttributeNS(NAMESPACES["rdf"], "rdf:about", "")
    holder = _struct(description, "mwg-rs:Regions")
    size = _struct(holder, "mwg-rs:AppliedToDimensions")
    for key, text in {"w": str(width), "h": str(height), "unit": "pixel"}.items():
        _child(size, f"stDim:{key}", text=text)
    _add_items(_child(_child(holder, "mwg-rs:RegionList"), "rdf:Bag"), regions, declare=False)


def _add_missing(holder: Element, regions: Sequence[Region], *, aspect: float, name: str) -> None:
    size = _first(holder, "mwg-rs", "AppliedToDimensions")
    there = size and _numbers(size, "stDim", "wh")
    if there and abs(there[0] / there[1] / aspect - 1) > SAME_SHAPE:
        raise AnnotationError(
            f"{name}: expected regions of a picture of aspect {aspect:.3f}, got some of {there[0]:g} x {there[1]:g}: "
            "the picture was turned or cut since they were marked"
        )
    bag = _first(holder, "rdf", "Bag") or _first(holder, "rdf", "Seq")
    if bag is None:
        raise AnnotationError(f"{name}: expected a list in mwg-rs:Regions, got none; remove it, or the sidecar")
    known = [region for region in map(_region, _named(bag, "mwg-rs", "Area")) if region is not None]
    new = [region for region in regions if all(_iou(region, other) < SAME_FACE for other in known)]
    _add_items(bag, new, declare=True)


def _add_items(bag: Element, regions: Sequence[Region], *, declare: bool) -> None:
    for region in regions:
        item = _struct(bag, "rdf:li", declare=declare)
        _child(item, "mwg-rs:Type", text="Face")
        area = _struct(item, "mwg-rs:Area")
        for key, number in region._asdict().items():
            _child(area, f"stArea:{key}", text=f"{number:.7f}")
        _child(area, "stArea:unit", text="normalized")


def _region(area: Element) -> Region | None:
    numbers = _numbers(area, "stArea", "xywh")
    return None if numbers is None else Region(*numbers)


def _numbers(node: Element, prefix: str, keys: str) -> list[float] | None:
    """The numbers of these names, attributes or elements; None if one is missing, is none, or is not above 0."""
    try:
        numbers = [float(_text(node, prefix, key)) for key in keys]
    except ValueError:
        return None
    return numbers if min(numbers) > 0 else None


def _text(node: Element, prefix: str, key: str) -> str:
    uri = NAMESPACES[prefix]
    for holder in (node, *_named(node, "rdf", "Description")):
        if holder.hasAttributeNS(uri, key):
            return holder.getAttributeNS(uri, key)
    found = _first(node, prefix, key)
    return "".join(part.data for part in found.childNodes if part.nodeType == Node.TEXT_NODE) if found else ""


def _iou(one: Region, other: Region) -> float:
    across = min(one.x + one.w / 2, other.x + other.w / 2) - max(one.x - one.w / 2, other.x - other.w / 2)
    down = min(one.y + one.h / 2, other.y + other.h / 2) - max(one.y - one.h / 2, other.y - other.h / 2)
    common = max(across, 0) * max(down, 0)
    return common / (one.w * one.h + other.w * other.h - common)


def _named(node: Document | Element, prefix: str, name: str) -> Iterator[Element]:
    return iter(node.getElementsByTagNameNS(NAMESPACES[prefix], name))


def _first(node: Document | Element, prefix: str, name: str) -> Element | None:
    return next(_named(node, prefix, name), None)


def _struct(parent: Element, name: str, *, declare: bool = False) -> Element:
    element = _child(parent, name, declare=declare)
    element.setAttributeNS(NAMESPACES["rdf"], "rdf:parseType", "Resource")
    return element


def _child(parent: Element, name: str, *, text: str | None = None, declare: bool = False) -> Element:
    """A new element at the end of another; it declares the prefixes itself where the document may not know them."""
    document = parent.ownerDocument
    assert document is not None  # every element of a parsed document has one
    element = document.createElementNS(NAMESPACES[name.partition(":")[0]], name)
    if declare:
        for prefix, uri in NAMESPACES.items():
            element.setAttribute(f"xmlns:{prefix}", uri)
    if text is not None:
        element.appendChild(document.createTextNode(text))
    parent.appendChild(element)
    return element

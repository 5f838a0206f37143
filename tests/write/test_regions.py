"""Face regions in XMP documents."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade.errors import AnnotationError
from facecascade.read.orientation import turned
from facecascade.write.regions import NAMESPACES, Region, stored_regions, with_regions

FACE = Region(0.5, 0.25, 0.125, 0.25)
OTHER = Region(0.1, 0.1, 0.0625, 0.0625)
DIGIKAM = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:mwg-rs="{NAMESPACES["mwg-rs"]}" xmlns:stDim="{NAMESPACES["stDim"]}" xmlns:stArea="{NAMESPACES["stArea"]}">
   <!-- a remark -->
   <dc:subject><rdf:Bag><rdf:li>Ann &amp; Åse</rdf:li></rdf:Bag></dc:subject>
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="400" stDim:h="300" stDim:unit="pixel"/>
    <mwg-rs:RegionList><rdf:Bag>
      <rdf:li><rdf:Description mwg-rs:Name="Ann" mwg-rs:Type="Face">
        <mwg-rs:Area stArea:x="0.51" stArea:y="0.25" stArea:w="0.125" stArea:h="0.25" stArea:unit="normalized"/>
      </rdf:Description></rdf:li>
    </rdf:Bag></mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def regions_in(text: str) -> list[tuple[str, Region]]:
    """Name and area of each region, whether written as attributes or as elements."""
    found = []
    for item in ET.fromstring(text).iter(tag("rdf:li")):
        area = item.find(f".//{tag('mwg-rs:Area')}")
        if area is None:
            continue
        values = [area.get(tag(f"stArea:{key}")) or area.findtext(tag(f"stArea:{key}")) for key in "xywh"]
        holder = item.find(tag("rdf:Description"))
        name = "" if holder is None else holder.get(tag("mwg-rs:Name"), "")
        found.append((name, Region(*map(float, values))))  # type: ignore[arg-type]
    return found


def merged(document: str, *regions: Region, width: int = 400, height: int = 300) -> str:
    return with_regions(document.encode(), regions, width=width, height=height, name="a.xmp")


def test_a_new_document_has_regions_of_faces() -> None:
    text = with_regions(None, [FACE, OTHER], width=400, height=300, name="a.xmp")
    assert [region for _, region in regions_in(text)] == [FACE, OTHER]
    root = ET.fromstring(text)
    size = root.find(f".//{tag('mwg-rs:AppliedToDimensions')}")
    assert size is not None
    assert [size.findtext(tag(f"stDim:{key}")) for key in ("w", "h", "unit")] == ["400", "300", "pixel"]
    assert [found.text for found in root.iter(tag("mwg-rs:Type"))] == ["Face", "Face"]
    assert [found.text for found in root.iter(tag("stArea:unit"))] == ["normalized", "normalized"]
    assert '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>' in text
    assert '<?xpacket end="w"?>' in text


def test_merging_keeps_all_that_was_there_and_adds_new_faces_behind() -> None:
    text = merged(DIGIKAM, FACE, OTHER)
    assert regions_in(text) == [("Ann", Region(0.51, 0.25, 0.125, 0.25)), ("", OTHER)]
    assert "Ann &amp; Åse" in text
    assert "<!-- a remark -->" in text
    assert text.count("xpacket") == 2
    assert ET.fromstring(text).find(f".//{tag('mwg-rs:AppliedToDimensions')}") is not None


def test_merging_twice_is_merging_once() -> None:
    once = merged(DIGIKAM, FACE, OTHER)
    assert merged(once, FACE, OTHER) == once
    new = with_regions(None, [FACE, OTHER], width=400, height=300, name="a.xmp")
    assert regions_in(merged(new, FACE, OTHER)) == regions_in(new)


def test_a_document_without_regions_gets_some() -> None:
    text = merged(
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{NAMESPACES["rdf"]}">'
        '<r:Description r:about="" xmlns:crs="urn:crs" crs:Exposure="+1"/></r:RDF></x:xmpmeta>',
        FACE,
    )
    assert regions_in(text) == [("", FACE)]
    assert 'crs:Exposure="+1"' in text


def test_a_smaller_copy_has_the_same_regions() -> None:
    assert len(regions_in(merged(DIGIKAM, FACE, OTHER, width=200, height=150))) == 2
    assert len(regions_in(merged(DIGIKAM, FACE, OTHER, width=1001, height=750))) == 2


def test_a_picture_that_was_turned_or_cut_is_an_error() -> None:
    with pytest.raises(
        AnnotationError, match=r"a\.xmp: expected regions of a picture of aspect 0.750, got some of 400"
    ):
        merged(DIGIKAM, FACE, width=300, height=400)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "cannot be read"),
        ("<a>", "cannot be read"),
        ("\xff\xfe", "cannot be read"),
        ("<a/>", "without rdf:RDF"),
        (f'<a xmlns:m="{NAMESPACES["mwg-rs"]}"><m:Regions/></a>', "expected a list in mwg-rs:Regions"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "without rdf:RDF"),
    ],
)
def test_a_document_that_is_no_xmp(document: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=rf"a\.xmp: .*{message}"):
        merged(document, FACE)


def test_entities_that_grow_without_end_are_refused() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "{"a" * 100}">{levels}]><a>&e11;</a>'
    with pytest.raises(AnnotationError, match="cannot be read"):
        merged(bomb, FACE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_are_those_of_the_stored_picture(orientation: int) -> None:
    """A rectangle painted into the stored picture, found upright, and turned back."""
    stored: NDArray[np.uint8] = np.zeros((30, 40), np.uint8)
    stored[6:12, 20:36] = 255
    upright = np.asarray(turned(Image.fromarray(stored), orientation=orientation))
    rows, columns = np.nonzero(upright)
    box = [[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]]
    height, width = upright.shape
    (region,) = stored_regions(np.array(box, np.float32), width=width, height=height, orientation=orientation)
    assert region == pytest.approx((28 / 40, 9 / 30, 16 / 40, 6 / 30))


def test_boxes_are_cut_to_the_picture_and_those_outside_left_out() -> None:
    boxes = np.array([[-20, -20, 20, 20], [100, 0, 120, 20]], np.float32)
    assert stored_regions(boxes, width=100, height=100, orientation=1) == [Region(0.1, 0.1, 0.2, 0.2)]

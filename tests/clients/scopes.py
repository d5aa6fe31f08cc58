"""Two towns that must not see each other: their marks, what is asked of them, and what an answer contains."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow.parquet
import pypdf

WRITTEN_TO_FILES = ("/export", "/document", "/ledger")
GZIP = b"\x1f\x8b\x08"
FORMATS = ("geojson", "gpkg", "shp", "xlsx", "parquet")
# Nobody waits for the end of a stream that has none: tests/api/test_live.py asks for it.
ENDLESS = ("/api/plans/{plan_id}/events",)
DESCRIBES_ALONE = ("/collections/{layer}", "/tiles", "/WebMercatorQuad")


@dataclass(frozen=True)
class Town:
    """A town's code and mark, the word that every name in it holds, and the ids of what it has."""

    code: str
    mark: str
    ids: Mapping[str, Any] = field(default_factory=dict)

    def is_in(self, text: bytes) -> bool:
        """Whether a name or a code of the town is in ``text``."""
        return self.is_named_in(text) or re.search(rb"%s\d{6}" % self.code[:6].encode(), text) is not None

    def is_named_in(self, text: bytes) -> bool:
        """Whether a name of the town is in ``text``, in any encoding that we write."""
        return any(self.mark.encode(encoding) in text for encoding in ("utf-8", "gbk", "utf-16-le"))


def addresses(document: Mapping[str, Any], layers: list[dict[str, Any]], of: Town) -> Iterator[str]:
    """Every GET of the OpenAPI document, filled with what ``of`` has; with all its parameters and without."""
    tiled = ",".join(each["name"] for each in layers if each["geometry"] != "none")
    for path, methods in document["paths"].items():
        if "get" not in methods or path in ENDLESS:
            continue
        parameters = methods["get"].get("parameters", [])
        shows_rows = "{layer}" in path and not path.endswith(DESCRIBES_ALONE)
        choices = layers if shows_rows else layers[:1]
        formats = FORMATS if path == "/api/export" else (None,)
        for layer in choices:
            for format in formats:
                values = {**of.ids, "layer": layer["name"], **tile(layer), "layers": tiled, "joined": tiled}
                if format:
                    values |= {"format": format, "layers": ",".join(each["name"] for each in layers)}
                yield from _filled(path, parameters, values)


def tile(layer: Mapping[str, Any]) -> dict[str, int]:
    """The tile over both towns, at the zoom nearest to 14 that the layer has."""
    z = min(max(14, layer["minzoom"]), layer["maxzoom"])
    column, row = 13243 / 2**14, 6526 / 2**14
    return {"z": z, "x": int(column * 2**z), "y": int(row * 2**z)}


def is_written_to_a_file(address: str) -> bool:
    """Whether the answer takes as long as a hundred others."""
    return address.split("?")[0].endswith(WRITTEN_TO_FILES)


def _filled(path: str, parameters: list[dict[str, Any]], values: Mapping[str, Any]) -> Iterator[str]:
    filled = re.sub(r"\{(\w+)\}", lambda part: quote(str(values[part[1]]), safe=""), path)
    asked = {
        parameter["name"]: values[parameter["name"]]
        for parameter in parameters
        if parameter["in"] == "query" and parameter["name"] in values
    }
    needed = {
        parameter["name"]: asked[parameter["name"]]
        for parameter in parameters
        if parameter["in"] == "query" and parameter.get("required")
    }
    for query in [asked] if is_written_to_a_file(path) or asked == needed else [asked, needed]:
        yield f"{filled}?{urlencode(query)}" if query else filled


def contents(body: bytes) -> bytes:
    """What an answer says, with whatever is packed in it unpacked beside it."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as bundle:
            return b"\n".join(contents(bundle.read(name)) for name in bundle.namelist())
    if body.startswith(b"PAR1"):
        return str(pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()).encode()
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages).encode()
    return b"\n".join([body, *_inflated(body)])


def _inflated(body: bytes) -> Iterator[bytes]:
    place = body.find(GZIP)
    while place >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(body[place:])
        place = body.find(GZIP, place + 1)

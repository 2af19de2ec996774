"""Pictures of pages, compared with those that are kept: by the pixels, in the browser that drew them.

A kept picture has sixteen steps of each colour and at most 256 colours, which keeps its file small.
`MUNIMENT_GOLDEN=write` keeps what is drawn instead of comparing it.
"""

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import compress, crc32

from playwright.sync_api import Browser, Page

STEPS_MAX = 2  # of sixteen, in one colour of a pixel
SHARE_MAX = 0.0005  # of the pixels that may differ by more
BYTES_MAX = 60_000  # of a kept picture
IS_WRITING = os.environ.get("MUNIMENT_GOLDEN") == "write"
_DRAWN = """async source => {
    const image = new Image()
    image.src = `data:image/png;base64,${source}`
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height)
    const pen = canvas.getContext('2d', { willReadFrequently: true })
    pen.drawImage(image, 0, 0)
    return [canvas, pen, pen.getImageData(0, 0, image.width, image.height)]
}"""
_INDEXED = f"""async source => {{
    const [, , whole] = await ({_DRAWN})(source)
    const pixels = new Uint32Array(whole.data.length / 4)
    const counts = new Map()
    for (let at = 0; at < pixels.length; at += 1) {{
        const step = place => Math.round(whole.data[at * 4 + place] / 17)
        pixels[at] = step(0) * 256 + step(1) * 16 + step(2)
        counts.set(pixels[at], (counts.get(pixels[at]) ?? 0) + 1)
    }}
    const ordered = [...counts].sort((one, other) => other[1] - one[1]).map(([color]) => color)
    const parts = color => [color >> 8, (color >> 4) & 15, color & 15]
    const palette = ordered.slice(0, 256)
    const far = (one, other) => parts(one).reduce((sum, part, at) => sum + (part - parts(other)[at]) ** 2, 0)
    const nearest = color =>
        palette.reduce((best, one, at) => far(one, color) < far(palette[best], color) ? at : best, 0)
    const places = new Map(ordered.map((color, at) => [color, at < 256 ? at : nearest(color)]))
    const bytes = Array.from(pixels, color => String.fromCharCode(places.get(color)))
    return [whole.width, whole.height, palette.flatMap(parts).map(part => part * 17), btoa(bytes.join(''))]
}}"""
_DIFFERING = f"""async ([one, other, most]) => {{
    const [, , here] = await ({_DRAWN})(one)
    const [, , kept] = await ({_DRAWN})(other)
    if (here.width !== kept.width || here.height !== kept.height)
        return `${{here.width}} x ${{here.height}} pixels, kept are ${{kept.width}} x ${{kept.height}}`
    const differs = at => Math.abs(here.data[at] - kept.data[at]) > most * 17
    let [left, top, right, bottom, count] = [here.width, here.height, 0, 0, 0]
    for (let at = 0; at < here.data.length; at += 4) {{
        if (!differs(at) && !differs(at + 1) && !differs(at + 2)) continue
        const [x, y] = [(at / 4) % here.width, Math.floor(at / 4 / here.width)]
        ;[left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)]
        count += 1
    }}
    return [count, count / (here.width * here.height), [left, top, right, bottom]]
}}"""


@dataclass
class Pictures:
    """Kept pictures in a folder, with the version of the browser that drew them beside them."""

    folder: Path
    table: Page
    """An empty page to compare on."""

    @classmethod
    def opened(cls, folder: Path, browser: Browser) -> "Pictures":
        """A page of one's own, under no policy."""
        return cls(folder, browser.new_page())

    @property
    def made_with(self) -> str:
        """The version of the browser that drew them."""
        return (self.folder / "BROWSER").read_text().strip()

    def compare(self, name: str, drawn: bytes) -> str | None:
        """What differs, in words; None when nothing does, or when pictures are being written."""
        source = b64encode(drawn).decode()
        path = self.folder / f"{name}.png"
        if IS_WRITING:
            data = small_png(*self.table.evaluate(_INDEXED, source))
            path.write_bytes(data)
            return None if len(data) <= BYTES_MAX else f"{name}: {len(data)} bytes"
        kept = b64encode(path.read_bytes()).decode()
        told: Any = self.table.evaluate(_DIFFERING, [source, kept, STEPS_MAX])
        if isinstance(told, str):
            return f"{name}: {told}"
        count, share, box = told
        return None if share <= SHARE_MAX else f"{name}: {count} pixels differ, within {box}"


def small_png(width: int, height: int, palette: list[int], indexes: str) -> bytes:
    """A PNG of at most 256 colours: `palette` in red, green, blue; `indexes` in base64, row by row."""
    rows = b64decode(indexes)
    lines = b"".join(b"\0" + rows[at : at + width] for at in range(0, width * height, width))
    header = width.to_bytes(4) + height.to_bytes(4) + bytes((8, 3, 0, 0, 0))
    parts = ((b"IHDR", header), (b"PLTE", bytes(palette)), (b"IDAT", compress(lines, 9)), (b"IEND", b""))
    chunks = (len(data).to_bytes(4) + kind + data + crc32(kind + data).to_bytes(4) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

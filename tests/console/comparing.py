"""Pictures of pages, compared with those that are kept: by the pixels, in the browser that drew them.

A picture has sixteen steps of each colour, which keeps its file small. `MUNIMENT_GOLDEN=write` keeps what is drawn
instead of comparing it.
"""

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
_STEPPED = f"""async source => {{
    const [canvas, pen, whole] = await ({_DRAWN})(source)
    for (let at = 0; at < whole.data.length; at += 1) whole.data[at] = Math.round(whole.data[at] / 17) * 17
    pen.putImageData(whole, 0, 0)
    const bytes = new Uint8Array(await (await canvas.convertToBlob({{ type: 'image/png' }})).arrayBuffer())
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
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
        stepped = self.table.evaluate(_STEPPED, b64encode(drawn).decode())
        path = self.folder / f"{name}.png"
        if IS_WRITING:
            data = b64decode(stepped)
            path.write_bytes(data)
            return None if len(data) <= BYTES_MAX else f"{name}: {len(data)} bytes"
        kept = b64encode(path.read_bytes()).decode()
        told: Any = self.table.evaluate(_DIFFERING, [stepped, kept, STEPS_MAX])
        if isinstance(told, str):
            return f"{name}: {told}"
        count, share, box = told
        return None if share <= SHARE_MAX else f"{name}: {count} pixels differ, within {box}"

"""The yardstick for thumbnails: Pillow the way Synapse uses it, in one process that stays warm.

Reads one JSON line {"path", "sizes": [[width, height, method]...]} per job on standard input and answers with one JSON
line {"bytes"} on standard output.
"""

import json
import sys
from io import BytesIO

from PIL import Image

ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.FLIP_LEFT_RIGHT,
    3: Image.ROTATE_180,
    4: Image.FLIP_TOP_BOTTOM,
    5: Image.TRANSPOSE,
    6: Image.ROTATE_270,
    7: Image.TRANSVERSE,
    8: Image.ROTATE_90,
}


def aspect(image, max_width, max_height):
    if max_width * image.height < max_height * image.width:
        return max_width, max((max_width * image.height) // image.width, 1)
    return max((max_height * image.width) // image.height, 1), max_height


def scale(image, width, height):
    return image.resize(aspect(image, width, height), Image.LANCZOS)


def crop(image, width, height):
    if width * image.height > height * image.width:
        scaled_height = (width * image.height) // image.width
        top = (scaled_height - height) // 2
        return image.resize((width, scaled_height), Image.LANCZOS).crop((0, top, width, height + top))
    scaled_width = (height * image.width) // image.height
    left = (scaled_width - width) // 2
    return image.resize((scaled_width, height), Image.LANCZOS).crop((left, 0, width + left, height))


def make(job):
    """Decodes the source once at its full size and makes every thumbnail from that."""
    size = 0
    with Image.open(job["path"]) as source:
        turn = UPRIGHT.get(source.getexif().get(ORIENTATION))
        image = source if turn is None else source.transpose(turn)
        for width, height, method in job["sizes"]:
            thumbnail = crop(image, width, height) if method == "crop" else scale(image, width, height)
            output = BytesIO()
            thumbnail.save(output, "JPEG", quality=80)
            size += output.tell()
    return {"bytes": size}


for line in sys.stdin:
    print(json.dumps(make(json.loads(line))), flush=True)

"""A drawing whose names try to be more than text, wherever a picture shows them.

The language's own names are plain; what writes pictures does not rely on it.
"""

from __future__ import annotations

from netspec.reports.drawing.model import Drawing, drawing
from tests.helpers import network

#: Comments may hold anything.
TEXT = """# </script><script>alert(1)</script> <!-- ]]> &amp; "quoted"
net Hostile {
  input 3x8x8
  a: conv 4 1x1; b: relu; c: conv 4 1x1; d: { relu; relu }
  flatten
  dense 2
}
"""
NAMES = {
    "a": "</script><b>",
    "b": 'a"]] --> b; end',
    "c": "&quot;<img src=x>\\",
    "d": "\u202egnp.exe`\x1b[1m\n",
}


def hostile() -> Drawing:
    found = drawing(network(TEXT), None)
    for box in found.boxes:
        box.name = NAMES.get(box.name, box.name)
        box.path = ".".join(NAMES.get(part, part) for part in box.path.split("."))
    return found

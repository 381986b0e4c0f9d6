"""Measures checking a spec again after one of its lines was edited: prints seconds, as JSON.

    python edit.py SPEC [TIMES]

`draft` is what a `netspec.Draft` takes, one edit after the other, `anew` a draft of the whole text.
Every edit changes the filters of another convolution; each figure is the median.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from pathlib import Path

from netspec import Draft, Severity

#: The number of filters of a convolution.
FILTERS = re.compile(r"(?<=: conv )\d+")


def main(spec: str, times: str = "31") -> None:
    """Measure, and print."""
    text = Path(spec).read_text()
    draft = Draft(spec)
    taken: dict[str, list[float]] = {"draft": [], "anew": []}
    for number in range(int(times) + 1):
        places = list(FILTERS.finditer(text))
        place = places[number * 37 % len(places)]
        text = f"{text[: place.start()]}{int(place[0]) + 8}{text[place.end() :]}"
        for name in taken:
            began = time.perf_counter()
            found = draft.change(text) if name == "draft" else Draft(spec, text).diagnostics
            if number:
                taken[name].append(time.perf_counter() - began)
            assert all(each.severity is not Severity.ERROR for each in found), found
    print(json.dumps({name: statistics.median(each) for name, each in taken.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])

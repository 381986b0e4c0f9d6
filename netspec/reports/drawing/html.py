"""A picture as one HTML page: the graph, the table beside it, costs by stage, fields, the source.

All is in the one file, which asks no network for anything; its policy forbids it to. What the page
does is left to `page.js`, where boxes are to `layout.js`, what they look like to `shapes.js` and
`page.css`. Nothing from a spec is markup here: texts are escaped, and data stands in a block that
no text can end.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence

from netspec.analysis.cost import totals
from netspec.analysis.fields import FieldsOnTree
from netspec.graph.graph import Network
from netspec.graph.size import Dim
from netspec.reports.drawing.arrange import arrange
from netspec.reports.drawing.fields import Seen, seen
from netspec.reports.drawing.layout import LENGTHS, label, size_of
from netspec.reports.drawing.model import Box, Drawing, Graph
from netspec.reports.drawing.palette import DARK, LIGHT, variables
from netspec.reports.drawing.svg import facts_of, key_of, title_of, xml
from netspec.reports.drawing.words import (
    amount,
    beneath,
    cut,
    heading,
    mark,
    share_of_widest,
    told,
    widest,
)
from netspec.reports.escape import cells, escape
from netspec.resources import page_part
from netspec.source import SourceFile

#: A stage that holds more of a net than this is shown as its parts.
ALL_BUT = 0.85
#: Letters of an expression over symbolic sizes that a cell shows.
EXPRESSION = 60

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<a class="skip" href="#table">To the table</a>
<header>
<div class="what">
<h1>{title}</h1>
<p>{facts}</p>
</div>
<div class="tools">
<label class="search">Search <input id="search" type="search" autocomplete="off" spellcheck="false"\
 placeholder="name, layer or shape"></label>
<span id="found" role="status"></span>
<button type="button" id="open-all">Open all</button>
<button type="button" id="fold-all">Fold all</button>
<button type="button" id="theme" aria-label="Colours">Dark</button>
</div>
</header>
<noscript><p class="noscript">The page needs JavaScript, of which it holds all. A picture that\
 stands still is written by <code>netspec draw -o net.svg</code>.</p></noscript>
<main>
<section class="graph" aria-labelledby="graph-title">
<div class="bar"><h2 id="graph-title">Graph</h2>
<p class="key" id="key">{key}</p>
<div class="zoom"><button type="button" id="zoom-out" aria-label="Smaller">&minus;</button>\
<button type="button" id="zoom-fit">Fit</button>\
<button type="button" id="zoom-in" aria-label="Larger">+</button></div></div>
<div class="canvas" id="canvas"></div>
</section>
<div class="side">
<section class="card" aria-labelledby="field-title">
<h2 id="field-title">Receptive field</h2>
<div id="field" tabindex="0" role="group" aria-labelledby="field-title"></div>
</section>
<section class="card" aria-labelledby="stages-title">
<h2 id="stages-title">Costs by stage</h2>
<div class="scroll" id="stages" tabindex="0" role="group" aria-labelledby="stages-title"></div>
</section>
<section class="card wide" aria-labelledby="table-title">
<h2 id="table-title">Layers</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="table-title">
<table id="table"><thead><tr>
{columns}
</tr></thead><tbody id="rows"></tbody></table>
</div>
</section>
<section class="card wide" aria-labelledby="source-title">
<h2 id="source-title">Source</h2>
{sources}
</section>
</div>
</main>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""

#: The columns of the table: a key of the data, what its head says, and whether it holds numbers.
COLUMNS = (
    ("name", "Name", False),
    ("word", "Layer", False),
    ("shape", "Output", True),
    ("params", "Parameters", True),
    ("macs", "MACs", True),
    ("reads", "Field", True),
    ("line", "Source", True),
)


def render(drawing: Drawing) -> str:
    """The whole page."""
    network = drawing.network
    files = _files(drawing)
    style = page_part("page.css").replace("/* light */", variables(LIGHT))
    style = style.replace("/* dark */", variables(DARK)).replace("/* families */", _families())
    script = "".join(map(page_part, ("layout.js", "shapes.js", "page.js")))
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    most = widest(box for box in drawing.boxes if box.kind != "port")
    return _PAGE.format(
        policy=policy,
        title=xml(title_of(network)),
        facts=xml(facts_of(network)),
        style=style,
        key=xml(key_of(most)),
        columns="\n".join(_columns()),
        sources="\n".join(_source(number, *of) for number, of in enumerate(files.items())),
        data=_json(_data(drawing, files, most)),
        script=script,
    )


def _hash(text: str) -> str:
    """The text as a policy names it."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _json(data: object) -> str:
    """JSON that no text in it can end: `<` and the like are written by their numbers."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _families() -> str:
    return "\n".join(
        f".of-{family} {{ fill: var(--{family}-fill); stroke: var(--{family}-line); }} "
        f".bar-{family} {{ fill: var(--{family}-line); }}"
        for family in LIGHT.families
    )


def _columns() -> Iterator[str]:
    for key, head, numbers in COLUMNS:
        kind = ' class="number"' if numbers else ""
        yield (
            f'<th scope="col" data-key="{key}"{kind}>'
            f'<button type="button">{head}<span class="arrow" aria-hidden="true"></span>'
            "</button></th>"
        )


# --- the source -----------------------------------------------------------------------------------


def _files(drawing: Drawing) -> dict[SourceFile, str]:
    """The files that boxes come from, each with a name that tells it from the others."""
    spans = [drawing.network.span, *(box.span for box in drawing.boxes if box.span is not None)]
    files = list(dict.fromkeys(span.file for span in spans))
    short = [os.path.basename(file.name.replace("\\", "/")) for file in files]
    return {
        file: name if short.count(name) == 1 else file.name
        for file, name in zip(files, short, strict=True)
    }


def _source(number: int, file: SourceFile, name: str) -> str:
    """A file's text, a line with an anchor each."""
    lines = [
        f'<li id="f{number}L{place}"><code>'
        + xml("".join(shown for shown, _ in cells(file.line(place))))
        + "</code></li>"
        for place in range(1, len(file.line_starts()) + 1)
    ]
    if file.text.endswith("\n") or not file.text:
        lines.pop()
    title = xml(escape(name))
    return (
        f"<h3>{title}</h3>\n"
        f'<div class="scroll source" tabindex="0" role="group" aria-label="{title}"><ol>\n'
        + "\n".join(lines)
        + "\n</ol></div>"
    )


# --- the data -------------------------------------------------------------------------------------


def _data(drawing: Drawing, files: dict[SourceFile, str], most: int) -> dict[str, object]:
    numbers = {file: number for number, file in enumerate(files)}
    network, fields = drawing.network, FieldsOnTree(drawing.network)

    def reads(box: Box) -> list[Seen]:
        return [] if box.kind == "port" else seen(network, fields, box)

    graphs = {"-1": _graph(drawing.graph)}
    for box in drawing.boxes:
        if box.inner is not None:
            graphs[str(box.number)] = _graph(box.inner)
    return {
        "lengths": LENGTHS,
        "files": [escape(name) for name in files.values()],
        "boxes": [_box(box, numbers, most, reads) for box in drawing.boxes],
        "graphs": graphs,
        "stages": [box.number for box in _stages(drawing)],
        "totals": _costs(drawing.network),
        "inputs": [
            {
                "name": escape(name),
                "axes": list(shape.axes),
                "dims": [dim if isinstance(dim, int) else None for dim in shape.dims],
                "shape": escape(str(shape)),
            }
            for name, index in drawing.network.inputs
            for shape in (drawing.network.root.nodes[index].shape,)
        ],
    }


def _costs(network: Network) -> list[float | None]:
    sums = totals(network)
    return [_number(sums.params), _number(sums.macs)]


def _number(dim: Dim) -> float | None:
    """As JavaScript has numbers; None for an expression."""
    return float(dim) if isinstance(dim, int) and dim < 10**300 else None


def _box(
    box: Box, files: dict[SourceFile, int], most: int, reads: Callable[[Box], list[Seen]]
) -> dict[str, object]:
    """A box; what is nothing is left out."""
    width, height = size_of(box)
    found: dict[str, object] = {
        "parent": box.parent,
        "level": box.level,
        "kind": box.kind,
        "name": escape(box.name),
        "path": escape(box.path),
        "word": escape(box.detail or box.word),
        "family": box.family,
        "shape": cut(str(box.shape), EXPRESSION),
        "elements": _number(box.shape.elements),
        "told": told(box),
        "texts": [heading(box), beneath(box), mark(box)],
        "size": [width, height],
        "bar": share_of_widest(box, most),
        "params": f"{box.totals.params:,}" if box.totals.params else "",
        "macs": cut(amount(box.totals.macs), EXPRESSION) if box.totals.macs != 0 else "",
        "costs": [_number(box.totals.params), _number(box.totals.macs)],
        "training": box.training,
        "shared": box.shared,
        "holds": box.inner is not None,
    }
    fields = reads(box)
    if fields:
        found["fields"] = [
            {
                "input": field.place,
                "size": cut(field.size, EXPRESSION),
                "of": cut(field.of, EXPRESSION),
                "stride": field.stride,
                "parts": field.parts,
            }
            for field in fields
        ]
        found["extent"] = None if fields[0].extent is None else float(fields[0].extent)
    if box.span is not None:
        found["line"] = [files[box.span.file], box.span.line]
    # A number is kept that is 0, which Python holds to be False.
    return {k: v for k, v in found.items() if v is not None and v is not False and v != ""}


def _graph(graph: Graph) -> dict[str, object]:
    """A graph and its arrangement; its boxes have numbers in a row."""
    made = arrange(graph)
    return {
        "first": graph.boxes[0].number if graph.boxes else 0,
        "rows": made.rows,
        "lanes": made.lanes,
        "regions": made.regions,
        "centred": sorted(made.centred),
        "edges": [
            [e.source, e.target, via, escape(label(e.shape)), int(e.tap)]
            for e, via in zip(graph.edges, made.via, strict=True)
        ],
    }


def _stages(drawing: Drawing) -> Sequence[Box]:
    """What costs are shown by: the boxes at the top that cost anything.

    One that is nearly all of the net is shown as its parts.
    """
    stages = [box for box in drawing.graph.boxes if _matters(box)]
    opened = True
    while opened:
        opened = False
        for place, box in enumerate(stages):
            if box.inner is not None and _nearly_all(box, drawing.network):
                stages[place : place + 1] = [b for b in box.inner.boxes if _matters(b)]
                opened = True
                break
    return stages


def _matters(box: Box) -> bool:
    return box.totals.params > 0 or box.totals.macs != 0


def _nearly_all(box: Box, network: Network) -> bool:
    sums = totals(network)
    params, macs = box.totals.params, box.totals.macs
    return params > ALL_BUT * sums.params or (
        isinstance(macs, int) and isinstance(sums.macs, int) and macs > ALL_BUT * sums.macs
    )

"""How fragments look, in light and in dark: by Jupyter's theme, else by what the browser prefers.

What stands in them is left to the reports.
"""

from __future__ import annotations

from netspec.reports.notebook.markup import Markup, element

_LIGHT = """--ns-text:#1f2328;--ns-soft:#57606a;--ns-line:#d0d7de;--ns-shade:#f6f8fa;
--ns-error:#b3151d;--ns-warning:#7d4e00;--ns-note:#0b5a75;--ns-help:#116329;--ns-mark:#ffdcd7"""
_DARK = """--ns-text:#e6edf3;--ns-soft:#9da7b3;--ns-line:#3d444d;--ns-shade:#1f252d;
--ns-error:#ff8e86;--ns-warning:#e3b341;--ns-note:#6cc6e8;--ns-help:#6fd182;--ns-mark:#5c2220"""

#: Every rule is about what is in a fragment, and nothing else of the page. Jupyter says which theme
#: it has, whatever the browser prefers.
STYLE = f"""
.netspec{{{_LIGHT};color:var(--ns-text);font-size:13px;line-height:1.45;max-width:100%;
overflow-x:auto}}
@media (prefers-color-scheme:dark){{.netspec{{{_DARK}}}}}
[data-jp-theme-light="true"] .netspec{{{_LIGHT}}}
[data-jp-theme-light="false"] .netspec{{{_DARK}}}
.netspec p{{margin:.3em 0}}
.netspec .title{{font-size:1.1em;font-weight:600}}
.netspec table{{border-collapse:collapse;margin:.4em 0;font-variant-numeric:tabular-nums;
color:inherit;background:none;border:none}}
.netspec caption{{text-align:left;color:var(--ns-soft);padding:.2em 0;caption-side:top}}
.netspec tr{{background:none}}
.netspec th,.netspec td{{padding:.15em .8em .15em 0;border:none;
border-bottom:1px solid var(--ns-line);vertical-align:top;background:none;color:inherit}}
.netspec .word{{text-align:left;font-weight:normal}}
.netspec .number{{text-align:right;font-weight:normal;white-space:nowrap}}
.netspec thead th{{color:var(--ns-soft)}}
.netspec th[scope="row"]{{font-family:ui-monospace,Menlo,Consolas,monospace}}
.netspec td.inside{{padding:0 0 0 1.2em}}
.netspec summary{{cursor:pointer;color:var(--ns-soft)}}
.netspec pre,.netspec code{{font-family:ui-monospace,Menlo,Consolas,monospace;color:inherit;
background:none}}
.netspec pre{{background:var(--ns-shade);padding:.5em .8em;margin:.4em 0;overflow-x:auto;
white-space:pre;border:none}}
.netspec mark{{background:var(--ns-mark);color:inherit;text-decoration:underline wavy;
text-underline-offset:.2em}}
.netspec .source{{color:var(--ns-soft)}}
.netspec .error{{color:var(--ns-error)}}
.netspec .warning{{color:var(--ns-warning)}}
.netspec .note{{color:var(--ns-note)}}
.netspec .help{{color:var(--ns-help)}}
.netspec ul{{margin:.3em 0;padding-left:1.4em}}
""".replace("\n", "")


def fragment(body: str) -> str:
    """What a notebook is given."""
    return str(element("div", Markup(f"<style>{STYLE}</style>"), body, class_="netspec"))

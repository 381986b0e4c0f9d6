"""Makes the specs that are measured: many different ones, and ones of any size.

The same bytes each time; measuring them is left to others.
"""

from __future__ import annotations

from collections.abc import Callable

#: What surrounds the bodies below: the rest of the net is a head.
_HEAD = "  global_avgpool; flatten\n  fc: dense {classes}\n}}\n"

_PLAIN = """# A plain network: convolutions between poolings.
net Plain{n} {{
  default conv padding=same bias=false
  input 3x{size}x{size}
  # Stem.
  conv {a} 3x3 stride=2; batchnorm; relu
  # At half of the input.
  conv {a} 3x3; batchnorm; relu
  conv {a} 3x3; batchnorm; relu
  maxpool 2x2
  # At a quarter.
  repeat {repeat} {{
    conv {b} 3x3; batchnorm; relu
  }}
  maxpool 2x2
  # At an eighth.
  conv {c} 3x3; batchnorm; relu
  conv {a} 1x1; batchnorm; relu
  conv {c} 3x3; batchnorm; relu
"""

_RESIDUAL = """# Residual blocks of two convolutions.
block unit{n}(width, stride=1) {{
  default conv bias=false
  residual {{
    conv1: conv width 3x3 stride=stride padding=1;  bn1: batchnorm; relu
    conv2: conv width 3x3 padding=1;                bn2: batchnorm
  }} shortcut {{
    if stride != 1 or in.channels != width {{
      downsample: {{ conv width 1x1 stride=stride; batchnorm }}
    }}
  }}
  relu
}}

inline block stage{n}(width, n, stride=2) {{
  unit{n} width stride=stride
  repeat n - 1 {{ unit{n} width }}
}}

net Residual{n} {{
  input 3x{size}x{size}
  conv1: conv {a} 3x3 stride=2 padding=1 bias=false
  bn1: batchnorm; relu
  layer1: stage{n} {a} {repeat} stride=1
  layer2: stage{n} {b} {repeat}
  layer3: stage{n} {c} {repeat}
"""

_DENSE = """# Densely connected blocks.
block grow{n}(growth) {{
  concat {{
    identity
    {{ batchnorm; relu; conv growth 3x3 padding=1 bias=false }}
  }}
}}

block narrow{n}(width) {{
  batchnorm; relu
  conv width 1x1 bias=false
  avgpool 2x2
}}

net Dense{n} {{
  input 3x{size}x{size}
  conv {a} 3x3 stride=2 padding=1 bias=false
  repeat {repeat} as i {{ layer{{i+1}}: grow{n} {rate} }}
  narrow{n} {b}
  repeat {repeat} as i {{ more{{i+1}}: grow{n} {rate} }}
  narrow{n} {c}
  batchnorm; relu
"""

_SEPARABLE = """# Depthwise and pointwise convolutions.
block separable{n}(width, stride=1) {{
  default dwconv bias=false
  depthwise: dwconv 3x3 stride=stride padding=1
  bn1: batchnorm; relu
  pointwise: conv width 1x1 bias=false
  bn2: batchnorm; relu
}}

net Separable{n} {{
  input 3x{size}x{size}
  stem: conv {a} 3x3 stride=2 padding=1 bias=false
  bn: batchnorm; relu
  separable{n} {b}
  separable{n} {b} stride=2
  separable{n} {c} stride=2
  repeat {repeat} {{ separable{n} {c} }}
"""

_BRANCHES = """# Branches side by side.
block cell{n}(narrow, wide) {{
  concat {{
    {{ conv narrow 1x1; relu }}
    {{ conv narrow 1x1; relu; conv wide 3x3 padding=1; relu }}
    {{
      conv narrow 1x1; relu
      conv wide 3x3 padding=1; relu
      conv wide 3x3 padding=1; relu
    }}
    {{ maxpool 3x3 stride=1 padding=1; conv narrow 1x1; relu }}
  }}
}}

net Branches{n} {{
  input 3x{size}x{size}
  stem: conv {a} 3x3 stride=2 padding=1; relu
  repeat {repeat} {{ cell{n} {a} {b} }}
  maxpool 2x2
  cell{n} {b} {c}
"""

_FAMILIES = (_PLAIN, _RESIDUAL, _DENSE, _SEPARABLE, _BRANCHES)


def many(count: int) -> dict[str, str]:
    """Specs by the names of their files: five families, each with its own widths, depth, input."""
    found = {}
    for number in range(count):
        body = _FAMILIES[number % len(_FAMILIES)]
        found[f"net{number:04}.net"] = (body + _HEAD).format(
            n=number,
            size=32 * (1 + number % 3),
            a=16 + 4 * (number % 13),
            b=32 + 4 * (number % 17),
            c=64 + 4 * (number % 19),
            rate=10 + number % 23,
            repeat=2 + number % 5,
            classes=10 + number % 101,
        )
    return found


def distinct(count: int) -> str:
    """A convolution on a line each, no two alike: nothing in it can be shared."""
    lines = "".join(f"  conv {number} 3x3 padding=1\n" for number in range(1, count + 1))
    return f"net Distinct {{\n  input 1x8x8\n{lines}}}\n"


def repeated(count: int) -> str:
    """One block, again and again."""
    unit = "conv 8 3x3 padding=1; batchnorm; relu"
    return f"net Repeated {{\n  input 8x8x8\n  repeat {count} {{ {unit} }}\n}}\n"


def doubling(depth: int) -> str:
    """Blocks that call the next one twice: two to the power of `depth` layers."""
    lines = ["block b0() { conv 8 3x3 padding=1 }"]
    lines += [f"block b{level + 1}() {{ b{level}; b{level} }}" for level in range(depth)]
    lines += ["net Doubling {", "  input 8x8x8", f"  b{depth}", "}", ""]
    return "\n".join(lines)


def branches(count: int) -> str:
    """So many branches side by side, no two alike."""
    lines = "".join(f"    {{ conv {number} 1x1 }}\n" for number in range(1, count + 1))
    return f"net Branches {{\n  input 8x8x8\n  concat {{\n{lines}  }}\n}}\n"


_LONG_HEAD = """inline block unit(filters, kernel=1, padding=0) {
  conv filters kernel padding=padding bias=false
  batchnorm
  relu
}

block inception(narrow, before3, wide3, before5, wide5, pooled) {
  concat {
    branch1: unit narrow
    branch2: { unit before3; unit wide3 kernel=3 padding=1 }
    branch3: { unit before5; unit wide5 kernel=3 padding=1 }
    branch4: { maxpool 3 stride=1 padding=1; unit pooled }
  }
}

net Long {
  input 3x256x256
"""


def long(lines: int) -> str:
    """One net of about so many lines, as one writes a network out: few of its layers are alike."""
    written = _LONG_HEAD.splitlines()
    number = 0
    while len(written) < lines - 4:
        if number % 5 == 4:
            a, b, c = 16 + 8 * (number % 7), 48 + 8 * (number % 5), 24 + 8 * (number % 3)
            written.append(f"  mixed{number}: inception {a} 32 {b} 16 {c} 32")
        else:
            stride = " stride=2" if number in (0, 2, 16, 33, 60) else ""
            filters = 16 + 8 * (number % 13)
            written += [
                f"  conv{number}: conv {filters} 3 padding=1{stride} bias=false",
                f"  norm{number}: batchnorm",
                "  relu",
            ]
        number += 1
    return "\n".join([*written, "  global_avgpool; flatten", "  fc: dense 1000", "}"]) + "\n"


#: Each way to grow, and how far.
GROWTH: dict[str, tuple[Callable[[int], str], tuple[int, ...]]] = {
    "distinct": (distinct, (10, 100, 1_000, 10_000, 100_000)),
    "repeat": (repeated, (10, 100, 1_000, 10_000, 100_000, 1_000_000)),
    "doubling": (doubling, (10, 20, 30, 40, 50, 60)),
    "branches": (branches, (10, 100, 1_000)),
}

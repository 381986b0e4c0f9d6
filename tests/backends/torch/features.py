"""Small nets that use the language's means of composition, for the tests of the written text."""

FEATURES: dict[str, str] = {
    "inner values": """
        block unit(width) { c1: conv width 3x3 padding=1; c2: conv width 3x3 padding=1; relu }
        net T {
          input 3x8x8
          s: { unit 8; unit 8; unit 8 }
          concat { identity; @s.1.c1 }
          conv 4 1x1
        }""",
    "inner values of a repeat": """
        block unit(width) { c1: conv width 3x3 padding=1; relu }
        net T { input 3x8x8; s: { repeat 6 { unit 8 } }; add { identity; @s.4; @s.5.c1 } }""",
    "repeats among labels": """
        net T {
          input 8x8x8
          stem: conv 8 3x3 padding=1
          repeat 5 { conv 8 3x3 padding=1; relu }
          repeat 4 { residual { conv 8 3x3 padding=1; batchnorm }; relu }
        }""",
    "nested repeats by position": """
        net T {
          input 8x8x8
          repeat 5 { residual { conv 8 3x3 padding=1; repeat 4 { batchnorm; relu } }; relu }
        }""",
    "claimed names": """
        block in_block() {
          forward: conv 4 1x1; train: batchnorm; float: relu
          type: { conv 4 1x1 }
          items: { pop: conv 4 1x1; relu }
        }
        net T { input 3x8x8; in: in_block; class: { lambda: conv 5 1x1; relu }; __x: conv 4 1x1 }
        """,
    "shared layers": """
        block unit(width) { c1: conv width 3x3 padding=1; relu }
        net T {
          input 8x8x8
          stem: unit 8
          s: { conv 8 3x3 padding=1; relu }
          r: { residual { conv 8 1x1 }; relu }
          share s; share stem; share r
          maxpool 2x2
          share s; share stem; share r
        }""",
    "inputs and outputs": """
        net T {
          a: input 3x8x8
          b: input 2x8x8
          concat { { @a; conv 4 1x1 }; { @b; conv 4 1x1 } }
          conv 8 3x3 padding=1
          side: output { global_avgpool; flatten; dense 3 }
          late: output when=training { global_avgpool; flatten; dense 3 }
          relu
        }""",
    "symbolic sizes": """
        block up(skip) {
          upsample 2 mode=bilinear; resize skip; concat { identity; @skip }; conv 8 3x3 padding=1
        }
        net T {
          input 3xHxW
          e1: { conv 8 3x3 padding=1; relu }
          maxpool 2x2 rounding=floor
          e2: { conv 16 3x3 padding=same stride=2; relu; maxpool 3x3 stride=1 padding=same }
          avgpool 3x3 stride=1 padding=same include_padding=false
          d1: up @e1
          add { identity; { conv 8 3x3; resize @e1 } }
        }""",
    "learned tensors": """
        block scaled() { mul { identity; gamma: parameter [in.channels, 1, 1] init=1e-6 } }
        net T {
          input 6x8x8
          x: { conv 6 3x3 padding=1; t: { a: scaled; relu; b: scaled } }
          concat { @x; pos: parameter [6, 8, 8] }
          s: { add { identity; beta: parameter [12, 1, 1] init=1 }; scaled }
          gate: {
            mul {
              identity
              { concat { a: parameter [4, 1, 1]; b: parameter [8, 1, 1] }; conv 12 1x1 }
            }
          }
        }""",
    "names in quotes": """
        net T {
          input 6x8x8
          concat {
            { repeat 3 as i { "convs.{i}": conv 4 1x1; relu } }
            { repeat 3 as i { "heads.{i}.conv": conv 4 1x1; "heads.{i}.bn-{i}": batchnorm } }
          }
          "block1-0": conv 3 1x1
        }""",
    "conditions": """
        block unit(width, norm=true, se=false, stride=1) {
          add {
            conv: {
              conv width 3x3 padding=1 stride=stride
              if norm { batchnorm }
              relu
            }
            if stride == 1 and in.channels == width { identity }
          }
          if norm { bn: batchnorm }
          if se {
            mul { identity; { global_avgpool; fc1: conv width//4 1x1; relu; fc2: conv width 1x1 } }
          }
          relu
        }
        net T(classes=7) {
          input 8x8x8
          unit 8; unit 8 norm=false; unit 16 se=true; unit 16 se=true stride=2
          unit 16 norm=false se=true
          c: { unit 16; unit 16 stride=2 }
          global_avgpool; flatten; dense classes
        }""",
    "counts": """
        block stage(width, n) {
          conv width 3x3 padding=1
          repeat n { conv width 3x3 padding=1; relu }
        }
        block residuals(width, n) {
          c: conv width 3x3 padding=1
          repeat n { residual { conv width 3x3 padding=1; relu } }
        }
        net T(width=16, p=0.25) {
          input 8x8x8
          stage width 4; stage 2*width 5; stage 24 2
          dropout p
          residuals width 4; residuals 8 5; residuals 8 4
        }""",
    "layers as arguments": """
        block unit(width, act=relu, norm=none) {
          conv width 3x3 padding=1
          if norm != none { norm }
          act
        }
        net T { input 3x8x8; unit 4; unit 8 act=gelu; unit 8 norm=batchnorm; unit 4 act=leaky_relu }
        """,
    "wide merges": """
        net T {
          input 3x4x4
          add { repeat 20 as i { conv 3 1x1 } }
          add { repeat 8 as i { a_rather_long_label_{i}: conv 3 1x1 } }
          max { relu; tanh; sigmoid; gelu; elu }
          max { relu; tanh; sigmoid }
          mul { repeat 13 as i { scale } }
        }""",
    "nothing": """
        block nothing() { }
        block act(f=relu) { f }
        net T { input 3x4x4; nothing; act; act f=tanh; repeat 3 { identity }; q: { nothing } }
        net I { input 3x4x4 }""",
    "layers of the field": """
        block eca(kernel=3) {
          mul {
            identity
            {
              global_avgpool; reshape [1, in.channels]
              conv 1 kernel padding=half bias=false
              sigmoid; reshape [in.channels, 1, 1]
            }
          }
        }
        block attended() {
          concat { mean channels keep=true; maximum channels keep=true; sum channels keep=true }
          conv 1 7x7 padding=half; sigmoid
        }
        block ghost(filters, eps=1e-6) {
          conv filters 3x3 padding=half standardize=eps
          gelu approximate=tanh; grn
          concat { slice filters//2; slice 0 filters//4; slice 1 axis=channels }
          multiply 0.5
        }
        block thin(kernel=3, stride=2) { blurpool kernel stride }
        net T {
          input 8x32x32
          eca; conv 16 3x3 padding=1; eca; ghost 8; ghost 16; mul { identity; attended }
          thin; thin 5; thin 3 1; thin 3x5
          blurpool 4 padding=2 mode=zeros; blurpool [2, 3] padding=[[0, 1], [1, 1]] mode=replicate
          dwconv 3x3 padding=[[0, 1], [1, 1]] standardize=1e-5
          permute height width channels
          grn; sum height keep=true
        }
        net S {
          input 4xHxW
          conv 8 3x3 padding=same stride=2 standardize=1e-6
          blurpool padding=same mode=replicate; maximum height width
        }
        net L { input 4x32; conv 8 3 padding=same standardize=1e-6; blurpool; mean length }
        net D { input 4x11x11x11; blurpool; conv 4 3 standardize=1e-6; blurpool 2 }""",
    "words of its own": """
        block x(y, z=2, l=3) { self: conv y z; torch: { conv l 1x1; relu }; nn: relu }
        net T {
          self: input 3x8x8
          functional: input 3x8x8
          concat { @self; @functional }
          x 4; x 8 l=5; math: x 4 z=1
        }""",
    "beginnings": """
        block unit(width, std=0.1) {
          init conv normal std=std
          init norm zeros
          init proj he mode=fan_out
          residual { conv width 3x3 padding=1; norm: batchnorm } shortcut {
            if in.channels != width { proj: conv width 1x1 bias=false }
          }
        }
        block named(width) {
          init branch.0 truncated_normal std=0.02
          branch: { conv width 1x1; relu }
        }
        net T {
          init he
          init dwconv normal std=0.05 mean=0.01
          init conv_transpose xavier distribution=normal
          init instancenorm constant value=0.5
          init unit lecun bias=0.1
          init head.1 zeros
          init s uniform bound=0.2
          init grouped he mode=fan_out distribution=normal
          init mixed orthogonal gain=0.5
          init @conv dirac
          input 4x16x16
          conv: conv 8 3x3 padding=1
          unit 8; unit 16; unit 16 std=0.2
          s: scale
          dwconv 3x3 padding=1
          named 8
          grouped: conv 8 3x3 groups=4
          up: conv_transpose 8 2x2 stride=2 groups=2
          instancenorm; instancenorm affine=true
          mixed: { repeat 3 { conv 8 3x3 padding=same } }
          global_avgpool; flatten
          head: { dense 6 bias=false; dense 5 }
        }""",
}

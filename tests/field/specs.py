"""The same blocks in the language of netspec, with the names of `by_hand.py`."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from tests.field import by_hand

#: For each: the spec, whose net is `T`; the module by hand; the sizes of an input.
FIELD: dict[str, tuple[str, Callable[[], nn.Module], tuple[int, ...]]] = {
    "squeeze and excitation": (
        """
        net T {
          input 16x9x8
          mul {
            identity
            {
              global_avgpool
              fc1: conv in.channels//4 1x1; relu; fc2: conv in.channels 1x1; sigmoid
            }
          }
        }""",
        lambda: by_hand.SqueezeExcite(16, 4),
        (16, 9, 8),
    ),
    "ECA": (
        """
        net T {
          input 16x9x8
          mul {
            identity
            {
              global_avgpool; reshape [1, in.channels]
              conv: conv 1 5 padding=half bias=false
              sigmoid; reshape [in.channels, 1, 1]
            }
          }
        }""",
        lambda: by_hand.EfficientChannel(5),
        (16, 9, 8),
    ),
    "CBAM": (
        """
        net T {
          input 16x9x8
          default conv bias=false
          mul {
            identity
            {
              add {
                { global_avgpool; mlp: { conv 4 1x1; relu; conv 16 1x1 } }
                { global_maxpool; share mlp }
              }
              sigmoid
            }
          }
          mul {
            identity
            {
              concat { mean channels keep=true; maximum channels keep=true }
              conv: conv 1 7x7 padding=half; sigmoid
            }
          }
        }""",
        lambda: by_hand.Cbam(16, 4),
        (16, 9, 8),
    ),
    "SK": (
        """
        inline block selective(width, reduced, branches) {
          default conv bias=false
          repeat branches as i {
            "paths.{i}": { @in; conv width 3x3 padding=i+1 dilation=i+1; batchnorm; relu }
          }
          add { repeat branches as i { @paths.{i} } }
          global_avgpool
          fc_reduce: conv reduced 1x1; bn: batchnorm; relu
          fc_select: conv branches*width 1x1
          reshape [branches, width, 1]; softmax
          let weight = @
          add {
            repeat branches as i {
              mul { @paths.{i}; { @weight; slice i i+1; reshape [width, 1, 1] } }
            }
          }
        }
        net T { input 8x9x8; selective 12 4 3 }""",
        lambda: by_hand.SelectiveKernel(8, 12, 4, 3),
        (8, 9, 8),
    ),
    "ResNeSt": (
        """
        inline block split_attention(width, radix, groups, reduced) {
          conv: conv radix*width 3x3 padding=1 groups=radix*groups bias=false
          bn0: batchnorm; relu
          let all = @
          add { repeat radix as r { slice r*width (r+1)*width } }
          global_avgpool
          fc1: conv reduced 1x1 groups=groups; bn1: batchnorm; relu
          fc2: conv radix*width 1x1 groups=groups
          # As groups x radix x width/groups; the radix goes to the front, and sums to one.
          reshape [groups, radix, width // groups]; permute height channels width
          softmax axis=height
          reshape [radix*width, 1, 1]
          mul { @all; identity }
          add { repeat radix as r { slice r*width (r+1)*width } }
        }
        net T { input 8x9x8; split_attention 12 2 2 8 }""",
        lambda: by_hand.SplitAttention(8, 12, 2, 2, 8),
        (8, 9, 8),
    ),
    "Res2Net": (
        """
        inline block res2(width, parts) {
          default conv bias=false
          let each = width // parts
          residual {
            conv1: conv width 1x1; bn1: batchnorm; relu
            let all = @
            repeat parts - 1 as i {
              if i == 0 { slice 0 each } else {
                add { identity; { @all; slice i*each (i+1)*each } }
              }
              "convs.{i}": conv each 3x3 padding=1
              "bns.{i}": batchnorm
              part{i}: relu
            }
            concat { repeat parts - 1 as i { @part{i} }; { @all; slice (parts - 1)*each } }
            conv3: conv width 1x1; bn3: batchnorm
          }
          relu
        }
        net T { input 12x9x8; res2 12 4 }""",
        lambda: by_hand.Res2(12, 4),
        (12, 9, 8),
    ),
    "MixConv": (
        """
        inline block mixed(kernels) {
          let n = len(kernels)
          let each = in.channels // n
          let first = in.channels - each*(n - 1)
          concat {
            repeat kernels as i: kernel {
              {
                if i == 0 { slice 0 first } else { slice first+(i-1)*each first+i*each }
                "{i}": dwconv kernel padding=half bias=false
              }
            }
          }
        }
        net T { input 14x9x8; mixed [3, 5, 7] }""",
        lambda: by_hand.MixedDepthwise(14, (3, 5, 7)),
        (14, 9, 8),
    ),
    "ConvNeXt V2": (
        """
        net T {
          input 6x9x8
          residual {
            conv_dw: dwconv 7x7 padding=3
            permute height width channels
            norm: layernorm eps=1e-6
            mlp: { fc1: dense 4*@.channels; gelu; grn: grn; fc2: dense in.channels }
            permute channels height width
          }
        }""",
        lambda: by_hand.ConvNeXtV2(6),
        (6, 9, 8),
    ),
    "ResNet V2 of Big Transfer": (
        """
        net T {
          input 8x9x7
          default conv bias=false standardize=1e-10
          norm1: groupnorm 4; relu
          let activated = @
          add {
            downsample: conv 16 1x1 stride=2
            {
              conv1: conv 8 1x1
              norm2: groupnorm 4; relu; conv2: conv 8 3x3 stride=2 padding=1
              norm3: groupnorm 4; relu; conv3: conv 16 1x1
            }
          }
        }""",
        lambda: by_hand.PreActivation(8, 8, 16, 2),
        (8, 9, 7),
    ),
    **{
        f"a ResNet with a blur of {size}": (
            f"""
            net T {{
              input 3x32x36
              default conv bias=false
              # timm's: half of stride - 1 + kernel - 1, on all sides.
              default blurpool kernel={size} stride=2 padding=({size} - 1 + 2 - 1) // 2
              conv1: conv 8 7x7 stride=2 padding=3; bn1: batchnorm; relu
              maxpool 3x3 stride=1 padding=1; blurpool
              residual {{
                conv2: conv 16 3x3 padding=1; bn2: batchnorm; relu; blurpool
                conv3: conv 16 3x3 padding=1; bn3: batchnorm
              }} shortcut {{
                downsample: {{
                  avgpool 2x2 stride=2 rounding=ceil include_padding=false
                  conv 16 1x1; batchnorm
                }}
              }}
              relu
            }}""",
            lambda size=size: by_hand.Blurred(size),  # type: ignore[misc]
            (3, 32, 36),
        )
        for size in (3, 5)
    },
    **{
        f"a stem of depth {factor}": (
            f"""
            net T {{
              input 3x12x24
              space_to_depth {factor}
              conv: conv 16 3x3 padding=1 bias=false; bn: batchnorm; act: prelu per_channel=true
            }}""",
            lambda factor=factor: by_hand.DepthStem(factor),  # type: ignore[misc]
            (3, 12, 24),
        )
        for factor in (2, 3, 4)
    },
    "PyramidNet": (
        """
        net T {
          input 8x10x12
          residual {
            bn1: batchnorm; conv1: conv 11 3x3 stride=2 padding=1 bias=false; bn2: batchnorm
          } shortcut {
            avgpool 2x2; pad [0, 11 - in.channels] axis=channels
          }
        }""",
        lambda: by_hand.Pyramid(8, 11),
        (8, 10, 12),
    ),
    "SAME padding": (
        """
        net T {
          input 3x33x30
          conv_stem: conv 8 3x3 stride=2 padding=same bias=false
          conv_dw: dwconv 5x5 stride=2 padding=same bias=false
          concat {
            maxpool 3x3 stride=2 padding=same
            avgpool 2x2 stride=2 padding=same include_padding=false
          }
        }""",
        lambda: by_hand.SamePadded(),
        (3, 33, 30),
    ),
    "global context": (
        """
        net T {
          input 8x9x7
          residual {
            mul {
              identity
              {
                conv_attn: conv 1 1x1
                reshape [1, in.height * in.width]; softmax axis=length
                reshape [1, in.height, in.width]
              }
            }
            sum height width keep=true
            fc1: conv 4 1x1; norm: layernorm; relu; fc2: conv in.channels 1x1
          }
        }""",
        lambda: by_hand.GlobalContext(8, 4),
        (8, 9, 7),
    ),
    "Inception-ResNet": (
        """
        net T {
          input 8x9x10
          default conv bias=false padding=half
          residual {
            concat {
              branch0: conv 4 1x1
              branch1: { conv 4 1x1; conv 6 1x7; conv 4 7x1 }
            }
            conv2d: conv in.channels 1x1 bias=true
            multiply 0.1
          }
          relu
        }""",
        lambda: by_hand.InceptionResidual(8, 0.1),
        (8, 9, 10),
    ),
}

"""Dense layers and trainable scales. (`parameter` is no module: the owner's class writes it.)"""

from __future__ import annotations

from netspec.backends.torch.layer import Built, Layer, Lowering, helper, module


def dense(layer: Layer) -> Built:
    # Channels are the last axis here, which is the one that nn.Linear works along.
    return module("Linear", layer.in_channels, layer.expr("units"), bias=layer.unless("bias", True))


def scale(layer: Layer) -> Built:
    return helper("Scale", layer.in_channels, channels_first=True, bias=layer.unless("bias", True))


LOWERINGS: dict[str, Lowering] = {"dense": dense, "scale": scale}

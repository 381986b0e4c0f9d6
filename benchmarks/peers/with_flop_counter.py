"""torch's FlopCounterMode: ResNet-50 on the meta device, where nothing is computed."""

import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision_models import resnet50

with torch.device("meta"):
    model, image = resnet50(), torch.empty(1, 3, 224, 224)
with FlopCounterMode(display=False) as counter:
    model(image)
# Two for each multiply-accumulate, its bias aside.
assert counter.get_total_flops() == 2 * 4_089_184_256
print(counter.get_total_flops())

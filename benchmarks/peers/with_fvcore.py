"""fvcore: multiply-accumulates of torchvision's ResNet-50, by its docs/flop_count.md."""

import torch
from fvcore.nn import FlopCountAnalysis, flop_count_table
from torchvision_models import resnet50

print(flop_count_table(FlopCountAnalysis(resnet50(), torch.zeros(1, 3, 224, 224))))

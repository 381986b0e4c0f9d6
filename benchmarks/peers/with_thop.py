"""thop: multiply-accumulates and parameters of torchvision's ResNet-50, by its README."""

import torch
from thop import profile
from torchvision_models import resnet50

macs, parameters = profile(resnet50(), inputs=(torch.zeros(1, 3, 224, 224),), verbose=False)
print(macs, parameters)
assert parameters == 25_557_032

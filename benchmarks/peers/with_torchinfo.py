"""torchinfo: the summary of torchvision's ResNet-50, by its README."""

from torchinfo import summary
from torchvision_models import resnet50

found = summary(resnet50(), input_size=(1, 3, 224, 224), verbose=0)
print(found)
assert found.total_params == 25_557_032

"""ptflops: multiply-accumulates and parameters of torchvision's ResNet-50, by its README."""

# It imports torchvision itself.
from torchvision_models import resnet50  # isort: split

from ptflops import get_model_complexity_info

macs, parameters = get_model_complexity_info(
    resnet50(), (3, 224, 224), as_strings=False, print_per_layer_stat=False
)
print(macs, parameters)
assert parameters == 25_557_032

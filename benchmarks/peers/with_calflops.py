"""calflops: FLOPs and parameters of torchvision's ResNet-50, by its README."""

from calflops import calculate_flops
from torchvision_models import resnet50

flops, macs, parameters = calculate_flops(
    resnet50(), (1, 3, 224, 224), output_as_string=False, print_detailed=False
)
print(flops, macs, parameters)
assert parameters == 25_557_032

"""Keras: the summary of its ResNet-50 (the stride in the first 1x1, biases in convolutions)."""

from keras.applications import ResNet50

model = ResNet50(weights=None, input_shape=(224, 224, 3))
model.summary()
assert model.count_params() == 25_636_712

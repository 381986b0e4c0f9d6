"""What a network holds and moves: liveness of activations, what training keeps, bytes a layer.

`question` puts the answer together; how it is shown is left to `reports`.
"""

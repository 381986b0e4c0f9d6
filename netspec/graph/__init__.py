"""The network as plain data: sizes, shapes, nodes, and walks over them.

What a layer means is left to `ops`, costs to `analysis`.
"""

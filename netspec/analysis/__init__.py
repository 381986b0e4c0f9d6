"""Questions about networks: what they cost, how deep they are, how far they see.

Each answer is a function of an instance or a network; how it is shown is left to `reports`.
"""

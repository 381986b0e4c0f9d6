"""The lint rules, one a file, each named as the rule that it holds.

`registry` finds them; what runs them is left to `runner`.
"""

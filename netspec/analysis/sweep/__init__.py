"""Sweeps: variants of a net over its parameters, each checked and measured.

How the work is shared among processes is left to `session.sweep`, how it is shown to `reports`.
"""

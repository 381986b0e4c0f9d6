"""The completion scripts of bash, zsh and fish, one shell a file.

Each is a function from what a command line takes, which is left to `completion.py`, to a text.
"""

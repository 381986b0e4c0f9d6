"""Opinions on a network, as warnings that their users select, demote or silence.

One rule a file, in `rules/`; facts about a network are errors, and left to the stages before.
"""

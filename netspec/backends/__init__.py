"""From a network to code: one package a target, each a table from op to lowering."""

"""How others count what a network costs: conventions by name, each a table from layer to its terms.

`convention` says what a convention is, `amounts` what its terms may come to; each file besides has
the tables of one source. `tally` adds them up and sets two side by side. How they are shown is left
to `reports.counting`.
"""

"""What Python programs call; `netspec` itself names it all.

`networks` reads and checks, `questions` asks, `written` writes modules and models.
"""

"""What Python programs call; `netspec` itself names it all.

`networks` reads and checks, `written` writes modules and models, and each question has a module.
"""

"""The networks that come with netspec: their names, their papers, copies of them."""

"""Every layer of the language has a lowering, or is written by the class that it stands in."""

from netspec.backends.torch.table import LOWERINGS, WRITTEN_BY_CLASSES
from netspec.ops import OPS


def test_every_op_is_written() -> None:
    assert set(OPS) - set(LOWERINGS) - WRITTEN_BY_CLASSES == set()


def test_the_table_names_no_other() -> None:
    assert (set(LOWERINGS) | WRITTEN_BY_CLASSES) - set(OPS) == set()

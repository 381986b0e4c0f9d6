"""What the models of all formats have in common: no field but those, and amounts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

#: A size or an amount: a number, or an expression where sizes are symbolic.
Size = int | str


class Model(BaseModel):
    """An object that has these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

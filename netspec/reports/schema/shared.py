"""What the models of several JSON formats share: the strictness, sizes, shapes, places.

What a format holds is left to the module of its command.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: A size or an amount: a number, or an expression where sizes are symbolic.
Size = int | str
#: The sizes along each axis, without the batch.
Shape = list[Size]
#: A number that may be no whole one: a fraction that is no float to the bit, and an expression
#: over symbolic sizes, are strings.
Number = int | float | str
#: What stands where a layer exists in training only, and is missing elsewhere.
Training = Literal["training"] | None


class Model(BaseModel):
    """An object with the keys that are listed and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Location(Model):
    """A point in the text of a spec."""

    file: str = Field(description="as it was given, or zoo:NAME.net for what ships")
    line: int = Field(ge=1, description="from 1")
    column: int = Field(ge=1, description="from 1, in code points")

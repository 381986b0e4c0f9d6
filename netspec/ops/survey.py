"""What a net asks of its input's sizes, all of it written down and nothing refused.

`Conditions` give up where no size is left; a `Survey` goes on, so that afterwards each layer's wish
can be judged at each size. Which sizes meet them all is left to `analysis.sizes`.
"""

from __future__ import annotations

from netspec.graph.shape import Shape
from netspec.graph.size import Conditions, Dim, Imposed, Size
from netspec.ops import window as arithmetic
from netspec.ops.window import Window
from netspec.record import field, record

#: The symbols of an input's spatial axes, by how many there are.
SYMBOLS = {0: (), 1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


@record
class Slid:
    """A window along an axis of this size: the `axis` by its name."""

    axis: str
    size: Dim
    window: Window


@record
class Asked:
    """One thing that a layer asks: `test` says what of `left`, as `Condition`'s does.

    `slid` is the window that asks, where it is one. `training` marks what only a training-only
    output asks for. `weights` is set where the layer's weights are made for `right` channels: at
    other sizes it has others.
    """

    left: Size
    test: str
    right: Size
    by: int
    imposed: Imposed | None
    training: bool = False
    slid: Slid | None = None
    weights: bool = False

    @property
    def symbols(self) -> frozenset[str]:
        return self.left.symbols() | self.right.symbols()


@record
class Lossy:
    """A window that may leave input unread; `consent` where the spec says `rounding=floor`."""

    slid: Slid
    imposed: Imposed | None
    training: bool
    consent: bool


@record
class Doubt:
    """At sizes where just one of the two is 1, the merge repeats it: the survey does not say so.

    Where `second` is None: at sizes where `first` is at most `most`, the rule looks closer.
    """

    first: Size
    second: Size | None
    most: int = 1

    @property
    def symbols(self) -> frozenset[str]:
        second = frozenset[str]() if self.second is None else self.second.symbols()
        return self.first.symbols() | second


@record(frozen=False)
class Survey(Conditions):
    """Conditions that are written down as they come.

    `most_lost` is how many positions a window of `rounding=exact` may leave unread along an axis:
    none by default, any number where it is None. With `opens`, sizes that the spec fixes are
    opened; `own` then holds them by symbol, `inputs` every input's shape as it was opened.
    """

    opens: bool = True
    most_lost: int | None = 0
    own: dict[str, int] = field(default_factory=dict)
    inputs: dict[str, Shape] = field(default_factory=dict)
    asks: dict[Asked, None] = field(default_factory=dict)
    losses: dict[Lossy, None] = field(default_factory=dict)
    doubts: dict[Doubt, None] = field(default_factory=dict)
    #: How many training-only outputs are being elaborated.
    training: int = 0
    #: What cannot be told of all sizes at once, in words.
    unsettled: str = ""
    #: The spatial sizes of the inputs that are opened, as the spec has them.
    _opened: tuple[Dim, ...] = ()

    @property
    def recording(self) -> bool:
        return True

    @property
    def apart(self) -> object:
        """What is asked in training only is asked again where it is not."""
        return self.training > 0

    def during_training(self, change: int) -> None:
        self.training += change

    def declare(self, name: str) -> None:
        if name not in self.symbols:
            self.symbols = (*self.symbols, name)

    # --- inputs -------------------------------------------------------------------------------

    def opened(self, name: str, own: Shape | None, given: Shape | None, chosen: bool) -> Shape:
        """The shape of an input to go on with: `given` from outside, or the spec's `own`.

        `chosen` says that sizes were left open from outside. Where they were not, spatial sizes
        that are numbers are opened: those of the first input that has any, and of every other
        whose are the same.
        """
        shape = given if given is not None else own
        assert shape is not None
        if any(isinstance(dim, Size) for dim in shape.dims):
            if own is not None and own.rank == shape.rank:
                for dim, size in zip(shape.dims, own.dims, strict=True):
                    if isinstance(dim, Size) and isinstance(size, int):
                        self.own.setdefault(str(dim), size)
        elif self.opens and not chosen:
            spatial = tuple(shape.dims[i] for i in shape.spatial)
            if spatial and self._opened in ((), spatial):
                self._opened = spatial
                dims = list(shape.dims)
                for symbol, axis in zip(SYMBOLS[len(spatial)], shape.spatial, strict=True):
                    size = dims[axis]
                    assert isinstance(size, int)
                    self.own[symbol] = size
                    dims[axis] = Size.symbol(symbol)
                shape = Shape(tuple(dims), shape.axes)
        self.inputs[name] = shape
        return shape

    # --- what is asked ------------------------------------------------------------------------

    def _note(
        self,
        left: Dim,
        test: str,
        right: Dim,
        by: int = 1,
        slid: Slid | None = None,
        weights: bool = False,
    ) -> bool:
        asked = Asked(
            Size.of(left),
            test,
            Size.of(right),
            by,
            self.imposing,
            self.training > 0,
            slid,
            weights,
        )
        self.asks.setdefault(asked)
        return True

    def equal(self, a: Dim, b: Dim) -> bool:
        if isinstance(a, int) and isinstance(b, int):
            return a == b
        if a == b:
            return True
        if not (Size.of(a).symbols() | Size.of(b).symbols()).issubset(self.symbols):
            return False
        return self._note(a, "equal", b)

    def at_least(self, a: Dim, bound: int) -> bool:
        if isinstance(a, int):
            return a >= bound
        return self._note(a, "at-least", bound)

    def remainder_at_most(self, a: Dim, by: int, most: int) -> bool:
        if most >= by - 1:
            return True
        if isinstance(a, int):
            return a % by <= most
        return self._note(a, "remainder", most, by)

    def divisible(self, a: Dim, by: int) -> bool:
        return self.remainder_at_most(a, by, 0)

    def copy(self, most: int | None = None) -> Conditions:
        """To try something under: what it asks is not written down here."""
        return Survey(self.symbols, opens=False, most_lost=self.most_lost, own=self.own)

    # --- windows ------------------------------------------------------------------------------

    def fits(self, slid: Slid, rounding: str) -> bool:
        """Whether there is at least one window."""
        room = arithmetic.least_room(slid.size, slid.window, rounding)
        if isinstance(room, int):
            return room >= 0
        return self._note(room, "at-least", 0, slid=slid)

    def covers(self, slid: Slid) -> bool:
        """Whether no more is dropped than may be."""
        w = slid.window
        if self.most_lost is None:
            return True
        most = max(w.harmless, w.after + self.most_lost) if self.most_lost else w.harmless
        if most >= w.stride - 1:
            return True
        room = arithmetic.room(slid.size, w)
        if isinstance(room, int):
            return room % w.stride <= most
        return self._note(room, "remainder", most, w.stride, slid)

    def may_lose(self, slid: Slid, consent: bool) -> None:
        """A window that takes what is left over for lost."""
        if slid.window.harmless < slid.window.stride - 1:
            self.losses.setdefault(Lossy(slid, self.imposing, self.training > 0, consent))

    # --- what is settled at the spec's own sizes ----------------------------------------------

    def made_for(self, channels: Size) -> int | None:
        """The channels that weights are made for: those at the spec's own sizes, if it has any."""
        if not channels.symbols() <= self.own.keys():
            return None
        made = max(1, int(channels.evaluate(self.own)))
        self._note(channels, "equal", made, weights=True)
        return made

    def repeats(self, a: Dim, b: Dim) -> None:
        """A merge of these two would repeat the one that is 1."""
        if a == b:
            return
        for size in (a, b):
            if isinstance(size, Size) and size.symbols() <= set(self.symbols):
                self.doubts.setdefault(Doubt(Size.of(a), Size.of(b)))
                return

    def looks_closer(self, size: Dim, most: int) -> None:
        """The rule of a layer is another for sizes up to `most`."""
        if isinstance(size, Size):
            self.doubts.setdefault(Doubt(size, None, most))

"""Where the figures go: one JSON file, one table and one plot per measurement, committed."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

COMMITTED = Path(__file__).parent / "results"
FOLDER = Path(os.environ.get("BENCH_RESULTS") or COMMITTED)
Spread = dict[str, float]


class Plot(Protocol):
    """Something that can be drawn."""

    title: str

    def draw(self, axes: Any) -> None: ...


@dataclass(frozen=True)
class Bars:
    """One bar for each name, with what was least and most."""

    title: str
    values: Mapping[str, Spread]

    def draw(self, axes: Any) -> None:
        medians = [value["median"] for value in self.values.values()]
        below = [value["median"] - value["least"] for value in self.values.values()]
        above = [value["most"] - value["median"] for value in self.values.values()]
        axes.barh(list(self.values), medians, xerr=(below, above), color="#3b6ea5", capsize=4)
        axes.invert_yaxis()


@dataclass(frozen=True)
class Lines:
    """Values over a common measure, one line for each name."""

    title: str
    over: str
    values: Mapping[str, Sequence[tuple[float, float]]]
    logarithmic: bool = False

    def draw(self, axes: Any) -> None:
        for name, points in self.values.items():
            axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=name)
        if self.logarithmic:
            axes.set_xscale("log")
        axes.set_xlabel(self.over)
        axes.set_ylim(bottom=0)
        axes.legend()


def write(name: str, report: Mapping[str, Any], table: str, plot: Plot | None = None) -> None:
    """Into `bench/results/`, over what was there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n")
    (FOLDER / f"{name}.md").write_text(table)
    if plot:
        _draw(plot, FOLDER / f"{name}.svg")


def read(name: str, folder: Path = COMMITTED) -> dict[str, Any]:
    """What is committed, or what another folder holds."""
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


def spread(values: Sequence[float]) -> Spread:
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["--"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine() -> dict[str, Any]:
    """What the figures depend on; the load tells who else was there."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
    }


def _draw(plot: Plot, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "stint"  # The same figures make the same file.
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3), layout="constrained")
    axes.set_title(plot.title)
    plot.draw(axes)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)

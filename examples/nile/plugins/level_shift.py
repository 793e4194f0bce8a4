"""Where does the level of a yearly series shift, and how sure is that?"""

from dataclasses import dataclass
from typing import Dict, Optional

try:
    import numpy as np
except ImportError:
    raise SystemExit("NumPy is missing: `pip install -r requirements.txt` in the environment of `python3`") from None

from octavo_plugin import Column, InputFile, Outputs, Results, Run, Scalar, Table, UserError, analysis, param, serve

VOLUME = "10⁸ m³"


@dataclass
class Params:
    series: InputFile = param("A CSV file with the columns year and flow, years in order and without gaps.")
    until: Optional[int] = param("The last year that is looked at; by default the last of the file.", None)
    margin: int = param("Fewest years on each side of the shift.", 5, minimum=2, maximum=1000)
    resamples: int = param("Number of resampled and of shuffled series; 0 for none.", 0, minimum=0, maximum=100_000)
    block: int = param("Years that are resampled together.", 1, minimum=1, maximum=100, unit="years")


def outputs(params: Params) -> Outputs:
    year = Column(int, {"en": "Year", "fr": "Année"})
    scalars = {
        "last": Scalar(int, {"en": "Last year before the shift", "fr": "Dernière année avant la rupture"}),
        "before": Scalar(float, {"en": "Mean up to then", "fr": "Moyenne jusque-là"}, VOLUME),
        "after": Scalar(float, {"en": "Mean after it", "fr": "Moyenne ensuite"}, VOLUME),
        "bic_constant": Scalar(float, {"en": "BIC of a constant", "fr": "BIC d’une constante"}),
        "bic_line": Scalar(float, {"en": "BIC of a line", "fr": "BIC d’une droite"}),
        "bic_shift": Scalar(float, {"en": "BIC of a shift", "fr": "BIC d’une rupture"}),
    }
    tables = {
        "series": Table(
            "a year",
            year=year,
            flow=Column(float, {"en": "Flow", "fr": "Débit annuel"}, VOLUME),
            level=Column(float, {"en": "Level", "fr": "Niveau"}, VOLUME),
            line=Column(float, {"en": "Line", "fr": "Droite"}, VOLUME),
        ),
        "likelihood": Table(
            "a year after which the level may shift",
            year=year,
            likelihood=Column(float, {"en": "Relative likelihood", "fr": "Vraisemblance relative"}),
        ),
    }
    if params.resamples:
        scalars["near"] = Scalar(float, {"en": "Within two years", "fr": "À deux ans près"})
        scalars["p"] = Scalar(float, {"en": "Shuffles as sharp", "fr": "Permutations aussi nettes"})
        share = Column(float, {"en": "Share of resamples", "fr": "Part des rééchantillons"})
        tables["resampled"] = Table("a year after which the level may shift", year=year, share=share)
    return Outputs(scalars, tables)


def errors_by_shift(values: np.ndarray) -> np.ndarray:
    """Sums of squared errors for a shift after the 1st, 2nd, ... value but the last; series along the last axis."""
    n = values.shape[-1]
    k = np.arange(1, n)
    centred = values - values.mean(axis=-1, keepdims=True)
    between = np.cumsum(centred, axis=-1)[..., :-1] ** 2 * (n / (k * (n - k)))
    return (centred**2).sum(axis=-1, keepdims=True) - between


def bic(squares: float, n: int, parameters: int) -> float:
    """Bayesian information criterion of a model with normal errors, but for a constant that is the same for all."""
    return n * float(np.log(squares / n)) + parameters * float(np.log(n))


def read(params: Params) -> "tuple[np.ndarray, np.ndarray]":
    table = params.series.table(year=int, flow=float)
    years, flow = np.array(table["year"]), np.array(table["flow"])
    if years.dtype.kind != "i" or flow.dtype.kind != "f":
        raise UserError(f"the input `{params.series.name}` has empty cells")
    if (np.diff(years) != 1).any():
        raise UserError(f"the years of `{params.series.name}` have gaps or are out of order")
    kept = years <= (years[-1] if params.until is None else params.until)
    if kept.sum() < 2 * params.margin:
        raise UserError(f"{kept.sum()} years are too few for {params.margin} on each side", "lower `margin`")
    return years[kept], flow[kept]


def resampled(params: Params, run: Run, years: np.ndarray, flow: np.ndarray, level: np.ndarray) -> Dict[str, object]:
    """How often resampled series put the shift where, and how often shuffled ones have one as sharp."""
    n, size = len(flow), params.resamples
    inner = slice(params.margin - 1, n - params.margin)

    # Blocks of residuals, around the end into the beginning, on the levels that were found.
    starts = run.generator("resamples").integers(0, n, size=(size, -(-n // params.block)))
    order = ((starts[..., None] + np.arange(params.block)) % n).reshape(size, -1)[:, :n]
    found = errors_by_shift(level + (flow - level)[order])[:, inner].argmin(axis=1)
    counts = np.bincount(found, minlength=n - 2 * params.margin + 1)
    run.progress(1, 2)

    shuffled = run.generator("shuffles").permuted(np.tile(flow, (size, 1)), axis=1)
    sharp = errors_by_shift(shuffled)[:, inner].min(axis=1) <= errors_by_shift(flow)[inner].min()
    best = errors_by_shift(flow)[inner].argmin()
    return {
        "near": float((abs(found - best) <= 2).mean()),
        "p": (1 + int(sharp.sum())) / (1 + size),
        "table": {"year": years[:-1][inner], "share": counts / size},
    }


@analysis(
    name="level-shift",
    title={"en": "A shift of level", "fr": "Une rupture de niveau"},
    summary={
        "en": "The year after which the mean of a series shifts, against a constant and a line.",
        "fr": "L’année après laquelle la moyenne d’une série change, face à une constante et à une droite.",
    },
    examples=[{"series": {"file": "nile.csv"}, "resamples": 100}],
    outputs=outputs,
    stochastic=lambda params: params.resamples > 0,
)
def level_shift(params: Params, run: Run) -> Results:
    """The year after which the mean of a series shifts.

    ## Definition

    The values are independent and normal with one variance; their mean is $\\mu_1$ up to a year $k$ and $\\mu_2$ after
    it.

    ## Method

    The sum of squared errors $S_k$ of each year comes from cumulative sums. The most likely year has the smallest; the
    likelihood of another, relative to it, is $(S_{\\min} / S_k)^{n/2}$. The criterion of a model with $p$ parameters is
    $n \\log (S/n) + p \\log n$, with $p = 2$ for a constant, 3 for a line, 4 for a shift. Resampled series add blocks
    of residuals to the levels that were found; shuffled ones are in random order.

    ## Cost

    $O(n)$ for the series and for each resampled or shuffled one.

    ## Accuracy

    That of double precision. Shares have the standard error of a binomial proportion over `resamples` draws.

    ## References

    G. W. Cobb, The problem of the Nile: conditional solution to a changepoint problem, Biometrika 65 (1978), 243-251.
    """
    years, flow = read(params)
    n = len(flow)
    errors = errors_by_shift(flow)[params.margin - 1 : n - params.margin]
    last = years[params.margin - 1 + errors.argmin()]
    before, after = flow[years <= last].mean(), flow[years > last].mean()
    level = np.where(years <= last, before, after)

    time = years - years.mean()
    slope = (time @ flow) / (time @ time)
    line = flow.mean() + slope * time

    scalars = {
        "last": last,
        "before": before,
        "after": after,
        "bic_constant": bic(((flow - flow.mean()) ** 2).sum(), n, 2),
        "bic_line": bic(((flow - line) ** 2).sum(), n, 3),
        "bic_shift": bic(errors.min(), n, 4),
    }
    tables = {
        "series": {"year": years, "flow": flow, "level": level, "line": line},
        "likelihood": {
            "year": years[params.margin - 1 : n - params.margin],
            "likelihood": (errors.min() / errors) ** (n / 2),
        },
    }
    if params.resamples:
        more = resampled(params, run, years, flow, level)
        tables["resampled"] = more.pop("table")
        scalars.update(more)
    return Results(scalars, tables)


if __name__ == "__main__":
    serve(level_shift)

//! The functions there are, as tables: the parser, the checker, messages and the documentation's test read them.

/// A function's name and arguments; docs/expressions.md has the meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments.
    pub max: usize,
}

const fn signature(name: &'static str, usage: &'static str, min: usize, max: usize) -> Signature {
    Signature { name, usage, min, max }
}

/// A function of single values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Log,
    Log2,
    Log10,
    Exp,
    Sqrt,
    Abs,
    Min,
    Max,
    Floor,
    Round,
    Sin,
    Cos,
    Tan,
    If,
    IsMissing,
    Digits,
}

/// What `fit` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitPart {
    /// Change of y per unit of x.
    Slope,
    /// y at x = 0.
    Intercept,
    /// Standard error of the slope.
    SlopeError,
    /// Share of the variance explained.
    R2,
}

/// An aggregate: one value from many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statistic {
    Mean,
    Median,
    Quantile,
    Sd,
    Var,
    Sum,
    Product,
    Count,
    Min,
    Max,
    First,
    Last,
    ArgMin,
    ArgMax,
    All,
    Any,
    Distinct,
    Correlation,
    Fit(FitPart),
}

use Function as F;
use Statistic as S;

const TABLE: &[(Function, Signature)] = &[
    (F::Log, signature("log", "log(x)", 1, 1)),
    (F::Log2, signature("log2", "log2(x)", 1, 1)),
    (F::Log10, signature("log10", "log10(x)", 1, 1)),
    (F::Exp, signature("exp", "exp(x)", 1, 1)),
    (F::Sqrt, signature("sqrt", "sqrt(x)", 1, 1)),
    (F::Abs, signature("abs", "abs(x)", 1, 1)),
    (F::Min, signature("min", "min(x, y, ...)", 2, 32)),
    (F::Max, signature("max", "max(x, y, ...)", 2, 32)),
    (F::Floor, signature("floor", "floor(x)", 1, 1)),
    (F::Round, signature("round", "round(x)", 1, 1)),
    (F::Sin, signature("sin", "sin(x)", 1, 1)),
    (F::Cos, signature("cos", "cos(x)", 1, 1)),
    (F::Tan, signature("tan", "tan(x)", 1, 1)),
    (F::If, signature("if", "if(condition, a, b)", 3, 3)),
    (F::IsMissing, signature("is_missing", "is_missing(x)", 1, 1)),
    (F::Digits, signature("digits", "digits(n)", 1, 1)),
];

const AGGREGATE_TABLE: &[(Statistic, Signature)] = &[
    (S::Mean, signature("mean", "mean(x)", 1, 1)),
    (S::Median, signature("median", "median(x)", 1, 1)),
    (S::Quantile, signature("quantile", "quantile(x, q)", 2, 2)),
    (S::Sd, signature("sd", "sd(x)", 1, 1)),
    (S::Var, signature("var", "var(x)", 1, 1)),
    (S::Sum, signature("sum", "sum(x)", 1, 1)),
    (S::Product, signature("product", "product(x)", 1, 1)),
    (S::Count, signature("count", "count() or count(condition)", 0, 1)),
    (S::Min, signature("min", "min(x)", 1, 1)),
    (S::Max, signature("max", "max(x)", 1, 1)),
    (S::First, signature("first", "first(x)", 1, 1)),
    (S::Last, signature("last", "last(x)", 1, 1)),
    (S::ArgMin, signature("argmin", "argmin(by, x)", 2, 2)),
    (S::ArgMax, signature("argmax", "argmax(by, x)", 2, 2)),
    (S::All, signature("all", "all(condition)", 1, 1)),
    (S::Any, signature("any", "any(condition)", 1, 1)),
    (S::Distinct, signature("distinct", "distinct(x)", 1, 1)),
    (S::Correlation, signature("correlation", "correlation(x, y)", 2, 2)),
    (S::Fit(FitPart::Slope), signature("fit", "fit(y ~ x).slope", 2, 2)),
];

/// The functions of single values.
pub const FUNCTIONS: [Signature; TABLE.len()] = {
    let mut all = [TABLE[0].1; TABLE.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = TABLE[index].1;
        index += 1;
    }
    all
};

/// The aggregates.
pub const AGGREGATES: [Signature; AGGREGATE_TABLE.len()] = {
    let mut all = [AGGREGATE_TABLE[0].1; AGGREGATE_TABLE.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = AGGREGATE_TABLE[index].1;
        index += 1;
    }
    all
};

impl Function {
    /// A function by name.
    pub(super) fn find(name: &str) -> Option<(Self, Signature)> {
        TABLE.iter().find(|(_, signature)| signature.name == name).copied()
    }
}

impl Statistic {
    /// An aggregate by name.
    pub(super) fn find(name: &str) -> Option<(Self, Signature)> {
        AGGREGATE_TABLE.iter().find(|(_, signature)| signature.name == name).copied()
    }

    /// Whether the result has the unit of the (only) argument.
    pub(super) fn keeps_unit(self) -> bool {
        use Statistic::{First, Last, Max, Mean, Median, Min, Quantile, Sd, Sum};
        matches!(self, Mean | Median | Quantile | Sd | Sum | Min | Max | First | Last)
    }
}

/// What an aggregate makes of the replicates whose rows it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Its value over all replicates of a balanced experiment is the mean of its values per replicate.
    Average,
    /// A smooth function of means.
    Smooth,
    /// It grows with the number of replicates; a ratio of two does not.
    Total,
    /// A value between two of the sorted rows.
    Quantile,
    /// It rests on single rows.
    Extreme,
}

impl Statistic {
    /// What it makes of replicates.
    pub(super) fn nature(self) -> Nature {
        use FitPart::{Intercept, R2, Slope, SlopeError};
        match self {
            Self::Mean | Self::Fit(Slope | Intercept) => Nature::Average,
            Self::Sd | Self::Var | Self::Correlation | Self::Fit(SlopeError | R2) => Nature::Smooth,
            Self::Sum | Self::Count => Nature::Total,
            Self::Median | Self::Quantile => Nature::Quantile,
            Self::Product
            | Self::Min
            | Self::Max
            | Self::First
            | Self::Last
            | Self::ArgMin
            | Self::ArgMax
            | Self::All
            | Self::Any
            | Self::Distinct => Nature::Extreme,
        }
    }
}

impl Function {
    /// Whether it has kinks or steps, so that what is smooth before it is not after it.
    pub(super) fn has_kinks(self) -> bool {
        use Function::{Abs, Digits, Floor, If, IsMissing, Max, Min, Round};
        matches!(self, Abs | Min | Max | Floor | Round | If | IsMissing | Digits)
    }
}

impl FitPart {
    /// The parts with their names.
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("slope", Self::Slope),
        ("intercept", Self::Intercept),
        ("slope_error", Self::SlopeError),
        ("r2", Self::R2),
    ];
}

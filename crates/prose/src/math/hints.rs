//! What to write instead of commands that an author may have from elsewhere.

/// Commands that are not known, and what they are written with.
const HINTS: &[(&str, &str)] = &[
    ("C", r"\mathbb{C}"),
    ("Cov", r"\operatorname{Cov}"),
    ("E", r"\mathbb{E}"),
    ("F", r"\mathbb{F}"),
    ("KL", r"\operatorname{KL}"),
    ("N", r"\mathbb{N}"),
    ("Q", r"\mathbb{Q}"),
    ("R", r"\mathbb{R}"),
    ("Tr", r"\operatorname{Tr}"),
    ("Var", r"\operatorname{Var}"),
    ("Z", r"\mathbb{Z}"),
    ("abs", r"\lvert x \rvert"),
    ("bmatrix", r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}"),
    ("cases", r"\begin{cases} a & b \\ c & d \end{cases}"),
    ("ceil", r"\lceil x \rceil"),
    ("curl", r"\nabla \times"),
    ("diag", r"\operatorname{diag}"),
    ("differential", r"\mathrm{d}"),
    ("displaylines", r"\begin{gathered} a \\ b \end{gathered}"),
    ("divergence", r"\nabla \cdot"),
    ("eqalign", r"\begin{aligned} a &= b \\ c &= d \end{aligned}"),
    ("floor", r"\lfloor x \rfloor"),
    ("grad", r"\nabla"),
    ("laplacian", r"\nabla^2"),
    ("mathbbm", r"\mathbb{1}"),
    ("matrix", r"\begin{matrix} a & b \\ c & d \end{matrix}"),
    ("norm", r"\lVert x \rVert"),
    ("pmatrix", r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
    ("rank", r"\operatorname{rank}"),
    ("root", r"\sqrt[3]{x}"),
    ("sign", r"\operatorname{sign}"),
    ("supp", r"\operatorname{supp}"),
    ("tr", r"\operatorname{tr}"),
    ("vect", r"\vec{v}"),
    ("vmatrix", r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}"),
];

/// What to write instead of a command.
pub(super) fn of(name: &str) -> Option<String> {
    let (_, written) = HINTS.iter().find(|(known, _)| *known == name)?;
    let short = if written.contains("begin") || written.contains(['x', '[']) {
        String::new()
    } else {
        format!(
            ", or define it for all formulas: `{name} = \"{}\"` below `[math.macros]`",
            written.replace('\\', "\\\\")
        )
    };
    Some(format!("write `{written}`{short}"))
}

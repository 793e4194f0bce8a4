//! The commands that the converter knows.

use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Words, without their backslash.
const KNOWN: &str = "\
    Alpha And Angstrom Bbbk Beta Big Bigg Biggl Biggm Biggr Bigl Bigm Bigr Bot Box Bumpeq Cap Chi Colonapprox \
    Coloneq Coloneqq Colonsim Cup Dash Delta Diamond Doteq Downarrow Earth Epsilon Eqcolon Eqqcolon Eta Finv Game \
    Gamma Im Iota Join Kappa Lambda Leftarrow Leftrightarrow Lleftarrow Longleftarrow Longleftrightarrow \
    Longrightarrow Lsh Mu Nu Omega Omicron Otimes Overrightarrow P Perp Phi Pi Pr Psi QED Re Rho Rightarrow \
    Rrightarrow Rsh S Sigma Space Subset Supset Tau Theta Uparrow Updownarrow Upsilon Vdash Vert Vvdash Xi Zeta \
    acute aleph alpha amalg angle approx approxcolon approxcoloncolon approxeq arccos arceq arcsin arctan arg ast \
    astrosun asymp backcong backdprime backepsilon backprime backsim backsimeq backslash backtrprime ballotx bar \
    barwedge because begin begingroup beta beth between bf big bigcap bigcirc bigcup bigg biggl biggm biggr bigl \
    bigm bigodot bigoplus bigotimes bigr bigsqcap bigsqcup bigstar bigtimes bigtriangledown bigtriangleup biguplus \
    bigvee bigwedge binom blackhourglass blacklozenge blacksquare blacktriangle blacktriangledown blacktriangleleft \
    blacktriangleright bmod boldsymbol bot bowtie boxast boxbox boxcircle boxdot boxminus boxplus boxtimes breve \
    bullet bumpeq cal cancel cap cdot cdotp cdots cent centerdot cfrac char check checkmark chi circ circeq \
    circlearrowleft circlearrowright circledR circledS circledast circledcirc circleddash circledequal \
    circledparallel circledvert circlehbar clubsuit coh colon colonapprox coloncolon coloncolonapprox \
    coloncolonequals coloncolonminus coloncolonsim coloneq coloneqq colonequals colonminus colonsim color colorbox \
    complement concavediamond concavediamondtickleft concavediamondtickright cong coprod copyright cos cosh cot coth \
    cr csc cup curlyeqprec curlyeqsucc curlyvee curlywedge curvearrowleft curvearrowright dag dagger daleth \
    dashleftarrow dashrightarrow dashv dbinom dblcolon ddag ddagger ddot ddots deg degree delta det dfrac diagdown \
    diagup diameter diamond diamondsuit digamma dim displaystyle div divideontimes dot doteq doteqdot dotplus dots \
    dotsb dotsc dotsi dotsm dotso doublebarwedge doublecap downarrow downdownarrows downharpoonleft downharpoonright \
    dprime ell emptyset end endgroup enspace epsilon eqcirc eqcolon eqdef eqeq eqqcolon eqsim eqslantgtr eqslantless \
    equiv eta eth euro exists exp fallingdotseq fcolorbox female fint flat forall frac frown fullouterjoin gamma gcd \
    ge genfrac geq geqq geqslant gets gg ggg gggtr gimel gnapprox gneq gneqq gnsim grave gt gtrapprox gtrdot \
    gtreqless gtreqqless gtrless gtrsim gvertneqq hat hbar hdashline heartsuit hline hom hookleftarrow \
    hookrightarrow hourglass hskip hslash hspace iddots idotsin iff iiiint iiint iint imageof imath impliedby \
    implies in inf infty int intBar intbar intcap intclockwise intcup intercal intlarhk intop intx iota isin it \
    jmath kappa ker kern lAngle lBrace lBrack lVert lambda land langle lbrace lbrack lceil ldotp ldots le leadsto \
    left leftarrow leftarrowtail leftharpoondown leftharpoonup leftleftarrows leftmodels leftmoon leftouterjoin \
    leftrightarrow leftrightarrows leftrightharpoons leftrightsquigarrow leftthreetimes leq leqq leqslant lessapprox \
    lessdot lesseqgtr lesseqqgtr lessgtr lesssim lfloor lg lgroup lhd lightning lim liminf limits limsup ll llangle \
    llcorner lll llless llparenthesis lmoustache ln lnapprox lneq lneqq lnot lnsim log longleftarrow \
    longleftrightarrow longmapsto longrightarrow looparrowleft looparrowright lor lozenge lozengeminus lparen lq \
    lrcorner lt ltimes lvert lvertneqq male maltese mapsfrom mapsto mathbb mathbbit mathbf mathbfcal mathbffrak \
    mathbfit mathbfsfit mathbfsfup mathbfup mathbin mathcal mathclose mathellipsis mathfrak mathinner mathit \
    mathnormal mathop mathopen mathord mathpunct mathrel mathring mathrm mathsf mathsfit mathsfup mathsterling \
    mathstrut mathtt mathup max measeq measuredangle medspace mho mid middle min minuscolon minuscoloncolon mkern \
    models mp mskip mu multimap multimapboth multimapinv nLeftarrow nLeftrightarrow nRightarrow nVDash nVdash nabla \
    natural ncong ne nearrow neg negmedspace negthickspace negthinspace neq nexists ngeq ngeqq ngeqslant ngtr ni \
    nleftarrow nleftrightarrow nleq nleqq nleqslant nless nmid nobreakspace nolimits not notin notni nparallel nprec \
    npreceq nrightarrow nshortmid nshortparallel nsim nsubset nsubseteq nsubseteqq nsucc nsucceq nsupset nsupseteq \
    nsupseteqq ntriangleleft ntrianglelefteq ntriangleright ntrianglerighteq nu nvDash nvdash nwarrow obar obslash \
    odiv odot ogreaterthan oiiint oiint oint olessthan omega omicron ominus operatorname operp oplus origof oslash \
    otimes otimeshat overbrace overbracket overgroup overleftarrow overleftharpoon overleftrightarrow overline \
    overparen overrightarrow overrightharpoon overset owns parallel parr partial permil perp phi pi pitchfork pm \
    pmod pointint pounds prec precapprox preccurlyeq preceq precnapprox precneqq precnsim precsim prime prod propto \
    psi qprime qquad quad questeq rAngle rBrace rBrack rVert rangle ratio rbrace rbrack rceil relax restriction \
    rfloor rgroup rhd rho right rightarrow rightarrowtail rightharpoondown rightharpoonup rightleftarrows \
    rightleftharpoons rightmoon rightouterjoin rightrightarrows rightsquigarrow rightthreetimes risingdotseq rm \
    rmoustache rparen rppolint rq rrangle rrparenthesis rtimes rvert scoh scpolint scriptscriptstyle scriptstyle \
    searrow sec setminus sf sgn sharp shortmid shortparallel sigma sim simeq sin sincoh sinh smallfrown smallint \
    smallsetminus smallsmile smile smiley spadesuit sphericalangle sqcap sqcup sqint sqrt sqsubset sqsubseteq \
    sqsupset sqsupseteq square sslash stackrel standardstate star stareq strictfi strictif strut subset subseteq \
    subseteqq subsetneq subsetneqq substack succ succapprox succcurlyeq succeq succnapprox succneqq succnsim succsim \
    sum sun sup supset supseteq supseteqq supsetneq supsetneqq surd swarrow symbb symbbit symbf symbfcal symbffrak \
    symbfit symbfsfit symbfsfup symbfup symcal symfrak symit symnormal symrm symsf symsfit symsfup symtt symup tan \
    tanh tau tbinom text textbf textcolor textit textrm textsf textstyle texttt tfrac therefore theta thickapprox \
    thicksim thickspace thinspace tilde times to top triangle triangledown triangleleft trianglelefteq triangleminus \
    triangleplus triangleq triangleright trianglerighteq triangletimes trprime tt twoheadleftarrow twoheadrightarrow \
    ulcorner underbar underbrace underbracket undergroup underleftarrow underleftrightarrow underline underparen \
    underrightarrow underset unlhd unrhd uparrow updownarrow upharpoonleft upharpoonright uplus upsilon upuparrows \
    urcorner vDash varDelta varGamma varLambda varOmega varPhi varPi varPsi varSigma varTheta varUpsilon varXi \
    varclubsuit vardiamondsuit varepsilon varheartsuit varkappa varnothing varointclockwise varphi varpi varpropto \
    varrho varsigma varspadesuit varsubsetneq varsubsetneqq varsupsetneq varsupsetneqq vartheta vartriangle \
    vartriangleleft vartriangleright vcentcolon vdash vdots vec vee veebar veeeq vert wedge wedgeq \
    whitesquaretickleft whitesquaretickright widecheck widehat wideparen widetilde with wp wr xi xleftarrow \
    xrightarrow yen zeta \
";

/// All names of commands that the converter takes.
pub(super) fn known() -> &'static BTreeSet<&'static str> {
    static SET: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    SET.get_or_init(|| KNOWN.split_whitespace().collect())
}

//! What a reader who cannot see a figure is told: what is drawn, ranges, the course of each group, from the data, in words of
//! the language.

use indexmap::IndexMap;
use octavo_plugin::figure::{Figure, Mark};

use octavo_definition::locale::Locale;

use super::cell::Cell;
use super::colour::{self, Colours};
use super::notes::Tally;
use super::plan::{self, Plan};
use super::rows::Axis;
use super::rows::belongs;
use super::rows::{Datum, Rows};
use super::scale::{Transform, order};

/// The largest number of groups whose course is told.
const TOLD: usize = 8;

/// The description of a frame.
pub(crate) fn describe(
    figure: &Figure,
    plan: &Plan,
    frame: usize,
    frame_label: &str,
    tally: &Tally,
    locale: &Locale,
) -> String {
    let mut sentences: Vec<String> = Vec::new();
    sentences.extend(figure.description.get(&locale.tag).map(str::to_owned));
    sentences.extend((!frame_label.is_empty()).then(|| format!("{frame_label}.")));
    sentences.push(what(plan, locale));
    if plan.facets.len() > 1 {
        let names: Vec<&str> = plan.facets.iter().map(|(_, title)| title.as_str()).collect();
        let count = plan.facets.len().to_string();
        sentences.push(locale.fill("describe-panels", &[("count", &count), ("names", &names.join(", "))]));
    }
    sentences.extend(ranges(plan, locale));
    sentences.extend(boxes(plan, plan.frames[frame].0.as_deref(), locale));
    sentences.extend(intervals(plan, plan.frames[frame].0.as_deref(), locale));
    sentences.extend(densest(plan, plan.frames[frame].0.as_deref(), locale));
    sentences.extend(courses(plan, plan.frames[frame].0.as_deref(), locale));
    sentences.extend(pairs(plan, plan.frames[frame].0.as_deref(), locale));
    sentences.extend(references(plan, locale));
    sentences.extend(marked(plan, plan.frames[frame].0.as_deref(), locale));
    let coincident =
        |[one, other]: &[String; 2]| locale.fill("describe-coincident", &[("one", one), ("other", other)]);
    sentences.extend(tally.coincident.iter().map(coincident));
    if tally.clipped > 0 {
        sentences.push(locale.fill("describe-clipped", &[("count", &tally.clipped.to_string())]));
    }
    sentences.join(" ")
}

fn what(plan: &Plan, locale: &Locale) -> String {
    let marks: Vec<Mark> = plan.layers.iter().flat_map(|rows| rows.marks.iter().copied()).collect();
    let main = [
        (Mark::Cell, "cell"),
        (Mark::Contour, "contour"),
        (Mark::Image, "image"),
        (Mark::Polygon, "polygon"),
        (Mark::Bar, "bar"),
        (Mark::Violin, "violin"),
        (Mark::Pair, "pair"),
        (Mark::Line, "line"),
        (Mark::Step, "step"),
        (Mark::Density, "density"),
        (Mark::Area, "area"),
        (Mark::Path, "path"),
        (Mark::Point, "point"),
        (Mark::Arrow, "arrow"),
        (Mark::Histogram, "histogram"),
        (Mark::Box, "box"),
        (Mark::Errorbar, "errorbar"),
        (Mark::Band, "band"),
        (Mark::Text, "text"),
        (Mark::Note, "text"),
        (Mark::Rule, "rule"),
    ];
    let kind = main.iter().find(|(mark, _)| marks.contains(mark)).map_or("line", |(_, name)| name);
    let kind = locale.word(&format!("describe-{kind}")).to_owned();
    let [x, y] = &plan.titles;
    let color = &plan.color_title;
    let key = match (x.is_empty() || y.is_empty(), color.is_empty()) {
        (true, true) => "describe-plain",
        (true, false) => "describe-coloured",
        (false, true) => "describe-against",
        (false, false) => "describe-against-coloured",
    };
    locale.fill(key, &[("kind", &kind), ("x", x), ("y", y), ("color", color)])
}

fn ranges(plan: &Plan, locale: &Locale) -> Vec<String> {
    let range = |axis: Axis| -> Option<String> {
        let bound = axis.bound(&plan.layers)?;
        // What a rule marks is not among the data.
        let layers =
            plan.layers.iter().filter(|rows| rows.marks != [Mark::Rule] && !rows.layer.is_reference_band());
        let data = layers.flat_map(|rows| rows.data.iter().map(move |datum| (rows, datum)));
        let cells = data.flat_map(|(rows, datum)| drawn_cells(rows, datum, axis));
        let numbers = cells.filter(|cell| matches!(cell, Cell::Number(_) | Cell::Huge { .. }));
        let ends = numbers.fold(None, |ends: Option<[&Cell; 2]>, cell| {
            let [low, high] = ends.unwrap_or([cell; 2]);
            let lower = compare(cell, low).is_lt();
            let higher = compare(cell, high).is_gt();
            Some([if lower { cell } else { low }, if higher { cell } else { high }])
        });
        let [low, high] = ends?;
        let index = usize::from(axis == Axis::Y);
        let [low, high] = [low, high].map(|cell| plan.text(index, cell, locale));
        Some(
            locale.fill(
                "describe-range",
                &[("axis", &plan::title(bound, locale)), ("low", &low), ("high", &high)],
            ),
        )
    };
    [Axis::X, Axis::Y].into_iter().filter_map(range).collect()
}

/// What a datum draws along an axis: where it stands, what it adds to a stack, all of a box, both ends of an interval.
fn drawn_cells<'a>(rows: &'a Rows, datum: &'a Datum, axis: Axis) -> impl Iterator<Item = &'a Cell> + 'a {
    let of_box = rows.summarised == Some(axis.names()[0]);
    let of_box = datum.of_box(&rows.layer).into_iter().filter(move |_| of_box);
    let end = datum.more().x2.as_ref().filter(|_| axis == Axis::X && rows.marks == [Mark::Histogram]);
    of_box.chain(rows.shown(datum, axis)).chain(end)
}

fn compare(a: &Cell, b: &Cell) -> std::cmp::Ordering {
    let size = |cell: &Cell| match cell {
        Cell::Huge { log10, negative } => {
            if *negative {
                -log10
            } else {
                *log10
            }
        }
        _ => 0.0,
    };
    order(a).total_cmp(&order(b)).then(size(a).total_cmp(&size(b)))
}

/// The numbers of each box, if they are few.
fn boxes(plan: &Plan, frame: Option<&str>, locale: &Locale) -> Vec<String> {
    let boxes = plan.layers.iter().filter(|rows| rows.marks == [Mark::Box]);
    let data = boxes.flat_map(|rows| rows.data.iter().map(move |datum| (rows, datum)));
    let shown: Vec<(&Rows, &Datum)> =
        data.filter(|(_, datum)| belongs(datum.more().frame.as_deref(), frame)).collect();
    let (first, shown) = match shown.len() > TOLD {
        true => (extremes(&shown, locale), ends(&shown)),
        false => (None, shown),
    };
    let sentence = |(rows, datum): (&Rows, &Datum)| {
        let five = datum.five()?;
        let value = if rows.lies() { 0 } else { 1 };
        let place = place_name(plan, rows, datum, locale);
        let names = place.into_iter().chain(group_names(plan, &datum.more().facet, datum.color.as_ref()));
        let name = names.collect::<Vec<_>>().join(", ");
        let text = |cell: &Cell| plan.text(value, cell, locale);
        let [low, lower, middle, upper, high] = five.numbers.each_ref().map(text);
        let count = five.outliers.len().to_string();
        let gaps = [
            ("name", &name),
            ("low", &low),
            ("q1", &lower),
            ("median", &middle),
            ("q3", &upper),
            ("high", &high),
            ("count", &count),
        ];
        Some(locale.fill("describe-quartiles", &gaps.map(|(gap, text)| (gap, text.as_str()))))
    };
    first.into_iter().chain(shown.into_iter().filter_map(sentence)).collect()
}

/// The boxes with the lowest and with the highest median.
fn ends<'a>(shown: &[(&'a Rows, &'a Datum)]) -> Vec<(&'a Rows, &'a Datum)> {
    let median =
        |one: &(&Rows, &Datum)| one.1.five().and_then(|five| five.numbers[2].number()).unwrap_or(f64::NAN);
    let with = || shown.iter().filter(|one| !median(one).is_nan());
    let low = with().min_by(|one, other| median(one).total_cmp(&median(other)));
    let high = with().max_by(|one, other| median(one).total_cmp(&median(other)));
    low.into_iter().chain(high).copied().collect()
}

/// How many boxes there are, before the lowest and the highest of them are told.
fn extremes(shown: &[(&Rows, &Datum)], locale: &Locale) -> Option<String> {
    let count = shown.len().to_string();
    Some(locale.fill("describe-boxes", &[("count", &locale.number(&count))]))
}

/// How many values each distribution has, and where the most are.
fn intervals(plan: &Plan, frame: Option<&str>, locale: &Locale) -> Vec<String> {
    let histograms = plan.layers.iter().filter(|rows| rows.marks == [Mark::Histogram]);
    let mut groups: IndexMap<(Option<String>, Option<String>), Vec<&Datum>> = IndexMap::new();
    for datum in histograms.flat_map(|rows| &rows.data).filter(|d| belongs(d.more().frame.as_deref(), frame))
    {
        let key = (datum.more().facet.clone(), datum.color.as_ref().map(Cell::key));
        groups.entry(key).or_default().push(datum);
    }
    if groups.len() > TOLD {
        return Vec::new();
    }
    let sentence = |((facet, _), bins): (&(Option<String>, Option<String>), &Vec<&Datum>)| {
        let height =
            |datum: &Datum| datum.more().value.clone().or_else(|| datum.y.clone()).unwrap_or(Cell::Missing);
        let number = |datum: &Datum| height(datum).number().unwrap_or(f64::NEG_INFINITY);
        // The first of those that are equally high.
        let highest = bins.iter().rev().max_by(|a, b| number(a).total_cmp(&number(b)))?;
        let names = group_names(plan, facet, bins[0].color.as_ref());
        let name = if names.is_empty() { plan.titles[0].clone() } else { names.join(", ") };
        let text = |cell: &Cell, axis: usize| plan.text(axis, cell, locale);
        let count: usize = bins.iter().map(|datum| datum.count).sum();
        let gaps = [
            ("name", name),
            ("count", count.to_string()),
            ("bins", bins.len().to_string()),
            ("high", text(&height(highest), 1)),
            ("from", text(highest.x.as_ref()?, 0)),
            ("to", text(highest.more().x2.as_ref()?, 0)),
        ];
        let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
        Some(locale.fill("describe-intervals", &gaps))
    };
    groups.iter().filter_map(sentence).collect()
}

/// Where each density is highest.
fn densest(plan: &Plan, frame: Option<&str>, locale: &Locale) -> Vec<String> {
    let layers = plan.layers.iter().filter(|rows| matches!(rows.marks[..], [Mark::Violin | Mark::Density]));
    let mut groups: IndexMap<[Option<String>; 3], Vec<(&Rows, &Datum)>> = IndexMap::new();
    for (rows, datum) in layers.flat_map(|rows| rows.data.iter().map(move |datum| (rows, datum))) {
        if datum.density().is_some() && belongs(datum.more().frame.as_deref(), frame) {
            let place = place_name(plan, rows, datum, locale);
            let key = [place, datum.more().facet.clone(), datum.color.as_ref().map(Cell::key)];
            groups.entry(key).or_default().push((rows, datum));
        }
    }
    if groups.len() > TOLD {
        return Vec::new();
    }
    let sentence = |([place, facet, _], data): (&[Option<String>; 3], &Vec<(&Rows, &Datum)>)| {
        let density = |datum: &Datum| datum.density().unwrap_or(0.0);
        let (rows, datum) = data.iter().rev().max_by(|a, b| density(a.1).total_cmp(&density(b.1)))?;
        let names = place.iter().cloned().chain(group_names(plan, facet, datum.color.as_ref()));
        let names: Vec<String> = names.collect();
        let axis = usize::from(rows.summarised == Some("y"));
        let name = if names.is_empty() { plan.titles[axis].clone() } else { names.join(", ") };
        let value = if axis == 1 { datum.y.as_ref()? } else { datum.x.as_ref()? };
        let at = plan.text(axis, value, locale);
        let count = datum.used.to_string();
        Some(locale.fill("describe-densest", &[("name", &name), ("count", &count), ("at", &at)]))
    };
    groups.iter().filter_map(sentence).collect()
}

/// A panel and a place or colour in it, by their keys.
type Group = (Option<String>, Option<String>);
/// A datum with its layer.
type Drawn<'a> = (&'a Rows, &'a Datum);

/// What lies between the points of each place, if places are few.
fn pairs(plan: &Plan, frame: Option<&str>, locale: &Locale) -> Vec<String> {
    let layers = plan.layers.iter().filter(|rows| rows.marks == [Mark::Pair]);
    let mut places: IndexMap<Group, Vec<Drawn<'_>>> = IndexMap::new();
    for (rows, datum) in layers.flat_map(|rows| rows.data.iter().map(move |datum| (rows, datum))) {
        let place = if rows.lies() { &datum.y } else { &datum.x };
        if belongs(datum.more().frame.as_deref(), frame) {
            let key = (datum.more().facet.clone(), place.as_ref().map(Cell::key));
            places.entry(key).or_default().push((rows, datum));
        }
    }
    if places.len() > TOLD {
        return Vec::new();
    }
    let sentence = |((facet, _), data): (&Group, &Vec<Drawn<'_>>)| {
        let (rows, first) = *data.first()?;
        let axis = if rows.lies() { 0 } else { 1 };
        let names = group_names(plan, facet, None).into_iter();
        let names = names.chain(place_name(plan, rows, first, locale)).collect::<Vec<_>>();
        let one = |(_, datum): &(&Rows, &Datum)| {
            let value = if axis == 0 { datum.x.as_ref() } else { datum.y.as_ref() };
            let colour = group_names(plan, &None, datum.color.as_ref()).join(", ");
            format!("{} ({colour})", plan.text(axis, value.unwrap_or(&Cell::Missing), locale))
        };
        let values = data.iter().map(one).collect::<Vec<_>>().join(", ");
        Some(locale.fill("describe-pair-values", &[("name", &names.join(", ")), ("values", &values)]))
    };
    places.iter().filter_map(sentence).collect()
}

/// The lines and bands across the plot that have a name, and where they stand.
fn references(plan: &Plan, locale: &Locale) -> Vec<String> {
    let sentence = |rows: &Rows| {
        let name = rows.layer.label.get(&locale.tag)?;
        let datum = rows.data.first()?;
        let (axis, ends) = match (&datum.y, &datum.x) {
            (Some(y), _) if datum.more().y2.is_some() || datum.x.is_none() => {
                (1, [Some(y), datum.more().y2.as_ref()])
            }
            (_, Some(x)) => (0, [Some(x), datum.more().x2.as_ref()]),
            _ => return None,
        };
        let [low, high] = ends.map(|end| end.map(|cell| plan.text(axis, cell, locale)));
        let (low, title) = (low?, &plan.titles[axis]);
        Some(match high {
            Some(high) => {
                let gaps = [("name", name), ("axis", title), ("low", &low), ("high", &high)];
                locale.fill("describe-reference-band", &gaps)
            }
            None => locale.fill("describe-reference", &[("name", name), ("axis", title), ("at", &low)]),
        })
    };
    let across = |rows: &&Rows| rows.marks == [Mark::Rule] || rows.layer.is_reference_band();
    plan.layers.iter().filter(across).filter(|rows| rows.data.len() == 1).filter_map(sentence).collect()
}

/// What the notes of a frame say, and where.
fn marked(plan: &Plan, frame: Option<&str>, locale: &Locale) -> Vec<String> {
    let notes = plan.layers.iter().filter(|rows| rows.marks.contains(&Mark::Note));
    let data = notes.flat_map(|rows| rows.data.iter().map(move |datum| (rows, datum)));
    let shown: Vec<(&Rows, &Datum)> =
        data.filter(|(_, datum)| belongs(datum.more().frame.as_deref(), frame)).collect();
    if shown.len() > TOLD {
        return Vec::new();
    }
    let sentence = |(rows, datum): (&Rows, &Datum)| {
        let text =
            colour::channel_text(datum.more().text.as_ref()?, &rows.channels.get("text")?.channel, locale);
        let [x, y] = [plan.text(0, datum.x.as_ref()?, locale), plan.text(1, datum.y.as_ref()?, locale)];
        Some(locale.fill("describe-note", &[("text", &text), ("x", &x), ("y", &y)]))
    };
    shown.into_iter().filter_map(sentence).collect()
}

/// The category at which a datum's box or violin stands; none of other marks.
fn place_name(plan: &Plan, rows: &Rows, datum: &Datum, locale: &Locale) -> Option<String> {
    if !matches!(rows.marks[..], [Mark::Box | Mark::Violin | Mark::Pair]) {
        return None;
    }
    let (place, axis) = if rows.lies() { (&datum.y, 1) } else { (&datum.x, 0) };
    match &plan.kinds[axis] {
        Transform::Categorical(names) => names.get(&place.as_ref()?.key()).cloned(),
        _ => Some(plan.text(axis, place.as_ref()?, locale)),
    }
}

/// The names of a panel and of a colour.
fn group_names(plan: &Plan, facet: &Option<String>, color: Option<&Cell>) -> Vec<String> {
    let panel =
        plan.facets.iter().find(|(key, _)| key.is_some() && key == facet).map(|(_, title)| title.clone());
    let category = color.map(Cell::key).and_then(|key| match &plan.colours {
        Colours::Categories(..) => {
            plan.entries.iter().find(|e| e.color.as_ref() == Some(&key)).map(|e| e.full.clone())
        }
        _ => None,
    });
    [panel, category].into_iter().flatten().collect()
}

/// How y goes with x for each group of the first layer with lines, bars or points.
fn courses(plan: &Plan, frame: Option<&str>, locale: &Locale) -> Vec<String> {
    let told = |rows: &&Rows| {
        rows.marks.iter().any(|mark| matches!(mark, Mark::Line | Mark::Step | Mark::Bar | Mark::Area))
    };
    let Some(rows) = plan.layers.iter().find(told) else { return Vec::new() };
    let mut groups: IndexMap<(Option<String>, Option<String>), Vec<&Datum>> = IndexMap::new();
    for datum in rows.data.iter().filter(|datum| belongs(datum.more().frame.as_deref(), frame)) {
        let key = (datum.more().facet.clone(), datum.color.as_ref().map(Cell::key));
        groups.entry(key).or_default().push(datum);
    }
    if groups.len() > TOLD {
        return Vec::new();
    }
    let sentence = |((facet, _), data): (&(Option<String>, Option<String>), &Vec<&Datum>)| {
        let names = group_names(plan, facet, data[0].color.as_ref());
        let name = if names.is_empty() { plan.titles[1].clone() } else { names.join(", ") };
        course(plan, rows, &name, data, locale)
    };
    groups.iter().filter_map(sentence).collect()
}

fn course<'a>(plan: &Plan, rows: &Rows, name: &str, data: &[&'a Datum], locale: &Locale) -> Option<String> {
    let [kind_x, kind_y] = &plan.kinds;
    let place = |datum: &&'a Datum| -> Option<(f64, f64, &'a Cell, &'a Cell)> {
        let (x, y) = (rows.shown(datum, Axis::X)?, rows.shown(datum, Axis::Y)?);
        Some((kind_x.coordinate(x)?, kind_y.coordinate(y)?, x, y))
    };
    let mut points: Vec<_> = data.iter().filter_map(place).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (points.first()?, points.last()?);
    let low = points.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let high = points.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let slack = 0.02 * (high.1 - low.1);
    let rises = points.windows(2).all(|pair| pair[1].1 >= pair[0].1 - slack);
    let falls = points.windows(2).all(|pair| pair[1].1 <= pair[0].1 + slack);
    let key = match () {
        () if points.len() == 1 => "describe-single",
        () if high.1 == low.1 => "describe-constant",
        () if kind_x.is_categorical() => "describe-extremes",
        () if rises => "describe-rises",
        () if falls => "describe-falls",
        () => "describe-varies",
    };
    let y = |cell: &Cell| plan.text(1, cell, locale);
    let x = |cell: &Cell| plan.text(0, cell, locale);
    let gaps = [
        ("name", name.to_owned()),
        ("first", y(first.3)),
        ("last", y(last.3)),
        ("low", y(low.3)),
        ("high", y(high.3)),
        ("at-low", x(low.2)),
        ("at-high", x(high.2)),
        ("from", x(first.2)),
        ("to", x(last.2)),
    ];
    let gaps: Vec<(&str, &str)> = gaps.iter().map(|(key, value)| (*key, value.as_str())).collect();
    Some(locale.fill(key, &gaps))
}

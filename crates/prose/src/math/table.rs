//! Tables of formulas: lines between their rows, words across them, numbers beside them.

use super::lines::Numbered;
use super::mark::Mark;
use super::polish::mark_of;
use super::token::{number_mark, row_mark};
use super::tree::Node;

/// Lines between rows go over all columns. Of two lines in one place the converter makes an empty row, and the line below the
/// last row is a mark in its last cell.
pub(super) fn ruled(table: &mut Node) {
    let Some(rows) = table.children_mut() else { return };
    let mut index = 0;
    while index < rows.len() {
        let line = rows[index].tag().contains("line\"");
        let stub = line && matches!(rows[index].children(), [cell] if cell.tag().contains("menv-nonumber"));
        if stub && index + 1 < rows.len() {
            rows.remove(index);
            let tag = rows[index].tag().replacen("class=\"", "class=\"menv-double-above ", 1);
            rows[index].set_tag(&tag);
        } else {
            index += 1;
        }
    }
    let below = rows.last_mut().map(lines_below).unwrap_or_default();
    if let (Some(class), Some(row)) = (below, rows.last_mut()) {
        let tag = match row.tag().split_once("class=\"") {
            Some((before, classes)) => format!("{before}class=\"{class} {classes}"),
            None => format!("{} class=\"{class}\"", row.tag()),
        };
        row.set_tag(&tag);
    }
    let columns = rows.iter().map(|row| row.children().len()).max().unwrap_or(0);
    for row in rows.iter_mut().filter(|row| row.tag().contains("line")) {
        if let Some(cells) = row.children_mut() {
            cells.resize(columns, Node::new("mtd", Vec::new()));
        }
    }
}

/// What the marks at the end of a row say of the line below it.
fn lines_below(row: &mut Node) -> Option<&'static str> {
    let mut found = Vec::new();
    for cell in row.children_mut()?.iter_mut() {
        if let Some(inner) = cell.children_mut() {
            let of = |node: &Node| {
                mark_of(node).filter(|mark| matches!(mark, Mark::LineBelow | Mark::DashesBelow))
            };
            found.extend(inner.iter().filter_map(of));
            inner.retain(|node| of(node).is_none());
        }
    }
    match found.as_slice() {
        [] => None,
        [Mark::DashesBelow, ..] => Some("menv-hdashline-below"),
        [_] => Some("menv-hline-below"),
        [..] => Some("menv-hline-below menv-double-below"),
    }
}

/// A line of words goes over all columns.
pub(super) fn intertext(row: &mut Node) {
    let Some(cell) = row.children_mut().and_then(|cells| cells.first_mut()) else { return };
    if cell.children().first().and_then(mark_of) == Some(Mark::Intertext) {
        cell.set_tag("mtd class=\"menv-intertext\" columnspan=\"20\"");
        if let Some(children) = cell.children_mut() {
            children.remove(0);
        }
    }
}

/// The first table in this.
pub(super) fn first(node: &mut Node) -> Option<&mut Node> {
    if node.name() == "mtable" {
        return Some(node);
    }
    node.children_mut()?.iter_mut().find_map(first)
}

/// Gives rows their numbers, in a column of their own at the end; an empty one before the first balances it.
pub(super) fn number_rows(table: &mut Node, numbers: &[Numbered]) {
    let tag = match table.tag().split_once("class=\"") {
        Some((_, classes)) => format!("mtable class=\"numbered {classes}"),
        None => "mtable class=\"numbered\"".to_owned(),
    };
    table.set_tag(&tag);
    let Some(rows) = table.children_mut() else { return };
    let columns = rows.iter().map(|row| row.children().len()).max().unwrap_or(1);
    let mut line = 0;
    for row in rows.iter_mut() {
        // A row that is a space between lines is no line.
        let space = row.tag().contains("style=\"height");
        let index = numbers.iter().position(|numbered| numbered.row == Some(line) && !space);
        line += usize::from(!space);
        let tag = index.map(|index| format!("{} id=\"{}\"", row.tag(), row_mark(index)));
        let words = row.children().first().is_some_and(|cell| cell.tag().contains("columnspan"));
        if let Some(cells) = row.children_mut() {
            while cells.len() < columns && !words {
                cells.push(Node::new("mtd", Vec::new()));
            }
            cells.insert(0, Node::new("mtd class=\"equation-margin\"", Vec::new()));
            let number = index.map(|index| Node::leaf("mtext", &number_mark(index).to_string()));
            cells.push(Node::new(
                "mtd class=\"equation-margin equation-number\"",
                number.into_iter().collect(),
            ));
        }
        if let Some(tag) = tag {
            row.set_tag(&tag);
        }
    }
}

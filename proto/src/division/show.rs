//! What the commands `divisions show`, `divisions tree` and `divisions path` print.
//!
//! Every function takes the tree and a code and gives text: one line for the place itself, Chinese
//! name first, then what was asked for with Chinese and English side by side. A place without a node
//! is always flagged with its kind and the words "(no node)", because a code that looks like any
//! other would otherwise be taken for an office.
//!
//! Nothing here prints, reads arguments or changes anything, and no program should read these texts:
//! they are for people, and may become clearer at any time.
//!
//! Invariants:
//! 1. Every line ends with a line feed, the last one too.
//! 2. `subtree` shows superiors as indentation, so a place stands below the node it answers to, also
//!    where the table lists it elsewhere.

use std::fmt::Write as _;

use super::code::DivisionCode;
use super::error::UnknownDivision;
use super::level::Kind;
use super::tree::{Division, Tree};

/// The indentation of one rung.
const INDENT: &str = "  ";

/// One place: its line, then its code, level, kind, node, path and subordinates.
///
/// # Errors
///
/// [`UnknownDivision`] when no place has the code.
pub fn division(tree: &Tree, code: DivisionCode) -> Result<String, UnknownDivision> {
    let place = tree.find(code)?;
    let superior = match place.superior() {
        Some(superior) => format!("superior {superior} {}", tree.find(superior)?.name),
        None => "no superior".to_owned(),
    };
    let mut lines = vec![
        format!("{} · {superior}{}", title(place), flag(place)),
        format!("{INDENT}短码 short code: {}", code.short()),
        format!("{INDENT}级别 level: {} {}", place.level.zh(), place.level.en()),
        format!("{INDENT}类别 kind: {} {}", place.kind.zh(), place.kind.en()),
        format!("{INDENT}节点 node: {}", node(tree, place)?),
        format!("{INDENT}路径 path: {}", names(tree, &tree.path(code))?),
    ];
    if place.listed_under() != place.superior() {
        lines.extend(place.listed_under().map(|code| listed(tree, code)).transpose()?);
    }
    if place.has_node() {
        lines.push(format!("{INDENT}下级 subordinates: {}", subordinates(tree, place)));
    }
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// The place and everything that answers to it, `depth` rungs down.
///
/// # Errors
///
/// [`UnknownDivision`] when no place has the code.
pub fn subtree(tree: &Tree, code: DivisionCode, depth: usize) -> Result<String, UnknownDivision> {
    let mut text = String::new();
    branch(tree, tree.find(code)?, 0, depth, &mut text);
    Ok(text)
}

/// The superiors of a place from the hub down, then the place itself, one a line.
///
/// # Errors
///
/// [`UnknownDivision`] when no place has the code.
pub fn path(tree: &Tree, code: DivisionCode) -> Result<String, UnknownDivision> {
    tree.find(code)?;
    let mut text = String::new();
    for (rung, code) in tree.path(code).into_iter().enumerate() {
        let place = tree.find(code)?;
        line(&mut text, rung, &format!("{}{}", title(place), flag(place)));
    }
    Ok(text)
}

/// The beginning of every line about a place.
fn title(place: &Division) -> String {
    format!("{}  {} · {}", place.code, place.name, place.level.en())
}

/// What must not be overlooked about a place; empty for a place with a node.
fn flag(place: &Division) -> String {
    match place.kind {
        Kind::Hub | Kind::Admin | Kind::Street | Kind::Town | Kind::Township => String::new(),
        Kind::Virtual | Kind::Zone | Kind::Corps | Kind::Quasi => {
            format!(" · {} {} (no node)", place.kind.zh(), place.kind.en())
        }
    }
}

fn node(tree: &Tree, place: &Division) -> Result<String, UnknownDivision> {
    match place.superior() {
        Some(superior) if !place.has_node() => {
            let name = tree.find(superior)?.name;
            Ok(format!("无 none, {superior} {name} answers for it"))
        }
        Some(_) | None => Ok("有 yes".to_owned()),
    }
}

/// Where the table lists a place whose superior stands elsewhere.
fn listed(tree: &Tree, code: DivisionCode) -> Result<String, UnknownDivision> {
    let Division { name, kind, .. } = tree.find(code)?;
    let kind = format!("{} {}", kind.zh(), kind.en());
    Ok(format!("{INDENT}统计归属 listed under: {code} {name} ({kind}, no node)"))
}

fn names(tree: &Tree, path: &[DivisionCode]) -> Result<String, UnknownDivision> {
    let names = path.iter().map(|code| tree.find(*code).map(|place| place.name));
    Ok(names.collect::<Result<Vec<_>, _>>()?.join(" › "))
}

fn subordinates(tree: &Tree, place: &Division) -> String {
    let direct = tree.children(place.code).count();
    // The place itself is one of the nodes within it.
    let all = tree.nodes_within(place.code) - 1;
    format!("直接 direct {direct}, 全部 in all {all}")
}

fn branch(tree: &Tree, place: &Division, rung: usize, depth: usize, text: &mut String) {
    let mut about = title(place) + &flag(place);
    if tree.nodes_within(place.code) > 1 {
        about = format!("{about} · 下级 subordinates: {}", subordinates(tree, place));
    }
    line(text, rung, &about);
    if rung < depth {
        for below in tree.answering_to(place.code) {
            branch(tree, below, rung + 1, depth, text);
        }
    }
}

fn line(text: &mut String, rung: usize, about: &str) {
    writeln!(text, "{}{about}", INDENT.repeat(rung)).expect("a String takes all that is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jiyuan_is_shown_with_its_superior_and_where_the_table_lists_it() {
        let text = division(Tree::national(), code("419001")).unwrap();
        assert_eq!(
            text,
            "419001000000  济源市 · county · superior 410000000000 河南省\n\
             \x20 短码 short code: 419001\n\
             \x20 级别 level: 县级 county\n\
             \x20 类别 kind: 行政区 administrative division\n\
             \x20 节点 node: 有 yes\n\
             \x20 路径 path: 全国 › 河南省 › 济源市\n\
             \x20 统计归属 listed under: 419000000000 省直辖县级行政区划 (虚设区划 pseudo-prefecture, no node)\n\
             \x20 下级 subordinates: 直接 direct 16, 全部 in all 16\n"
        );
    }

    #[test]
    fn a_zone_is_shown_as_a_place_without_a_node() {
        let text = division(Tree::national(), code("410171")).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("410171000000  郑州经济技术开发区 · county"), "{text}");
        assert!(first.ends_with(" · 功能区 functional zone (no node)"), "{text}");
        assert!(text.contains("无 none, 410100000000 郑州市 answers for it"), "{text}");
        assert!(!text.contains("subordinates"), "{text}");
    }

    #[test]
    fn the_hub_is_shown_without_a_superior() {
        let text = division(Tree::national(), DivisionCode::HUB).unwrap();
        assert!(text.starts_with("000000000000  全国 · hub · no superior\n"), "{text}");
        assert!(text.ends_with("直接 direct 31, 全部 in all 41840\n"), "{text}");
    }

    #[test]
    fn a_path_is_shown_from_the_hub_down() {
        let text = path(Tree::national(), code("441900003")).unwrap();
        assert_eq!(
            text,
            "000000000000  全国 · hub\n\
             \x20 440000000000  广东省 · province\n\
             \x20   441900000000  东莞市 · prefecture\n\
             \x20     441900003000  东城街道 · township\n"
        );
    }

    #[test]
    fn a_subtree_of_depth_0_is_the_place_alone() {
        let text = subtree(Tree::national(), code("41"), 0).unwrap();
        assert_eq!(
            text,
            "410000000000  河南省 · province · 下级 subordinates: 直接 direct 18, 全部 in all 2641\n"
        );
    }

    #[test]
    fn a_subtree_of_depth_1_flags_what_has_no_node() {
        let text = subtree(Tree::national(), code("41"), 1).unwrap();
        // The province, its 17 cities, Jiyuan, and the pseudo-prefecture Jiyuan is listed under.
        assert_eq!(text.lines().count(), 20);
        let skipped = "\n  419000000000  省直辖县级行政区划 · prefecture · 虚设区划 pseudo-prefecture (no node)\n";
        assert!(text.contains(skipped), "{text}");
        assert!(text.contains("\n  419001000000  济源市 · county · 下级 subordinates:"), "{text}");
    }

    #[test]
    fn a_subtree_of_the_whole_country_shows_every_place_once() {
        let tree = Tree::national();
        let text = subtree(tree, DivisionCode::HUB, usize::MAX).unwrap();
        let mut shown =
            text.lines().map(|line| line.trim_start()[..12].to_owned()).collect::<Vec<_>>();
        shown.sort();
        assert!(shown.into_iter().eq(tree.iter().map(|place| place.code.to_string())));
    }

    #[test]
    fn unknown_codes_are_refused_by_every_command() {
        let (tree, unknown) = (Tree::national(), code("419099"));
        assert!(division(tree, unknown).is_err());
        assert!(subtree(tree, unknown, 1).is_err());
        assert!(path(tree, unknown).is_err());
    }

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }
}

//! Files that depend on themselves by way of others.

use std::collections::{BTreeMap, BTreeSet};

use super::house::House;

/// One circle for every group of files that have any, each as the way around.
pub fn of(house: &House) -> Vec<String> {
    let mut arrows = house.arrows();
    let mut circles = vec![];
    while let Some(circle) = one(&arrows) {
        circles.push(circle.join(" → "));
        // Without this arrow the next one shows.
        if let [from, to, ..] = circle.as_slice() {
            arrows.entry(from).and_modify(|uses| {
                uses.remove(to);
            });
        }
    }
    circles
}

/// The shortest way from a file back to itself, of the first file that has one.
fn one<'h>(arrows: &BTreeMap<&'h str, BTreeSet<&'h str>>) -> Option<Vec<&'h str>> {
    arrows.keys().find_map(|start| {
        let mut ways = std::collections::VecDeque::from([vec![*start]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for next in arrows.get(way.last()?).into_iter().flatten() {
                if next == start {
                    return Some([way, vec![next]].concat());
                }
                if seen.insert(*next) {
                    ways.push_back([way.clone(), vec![next]].concat());
                }
            }
        }
        None
    })
}

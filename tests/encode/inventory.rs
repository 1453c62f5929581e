//! An innocent inventory, and every place in it where a hostile text can stand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use provision::inventory::Inputs;
use provision::inventory::schema::sections;
use provision::resolve::Targets;
use serde_json::{Map, Value};

const INNOCENT: &str = include_str!("fixtures/innocent.yml");

/// What a key looks like; nothing in it is one.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\naW5ub2NlbnQ=\n-----END PRIVATE KEY-----\n";

/// Which mapping has the keys of which section: the last keys on the way to it, where `*` is any name.
const PLACES: [(&[&str], &str); 19] = [
    (&[], "an inventory"),
    (&["ssh"], "`ssh`"),
    (&["groups", "*"], "a group"),
    (&["hosts", "*"], "a host"),
    (&["apps", "*"], "an app"),
    (&["source"], "a source"),
    (&["python"], "`python`"),
    (&["env", "*"], "a value of `env`"),
    (&["log"], "`log`"),
    (&["health"], "`health`"),
    (&["rehearse"], "`rehearse`"),
    (&["hardening"], "`hardening`"),
    (&["limits"], "`limits`"),
    (&["sites", "*"], "a site"),
    (&["tls"], "`tls`"),
    (&["tls", "key"], "a certificate or key"),
    (&["rate_limit"], "`rate_limit`"),
    (&["routes", "*"], "a route"),
    (&["files", "*"], "a file"),
];

/// A place where a text can stand: the keys and list positions that lead to a value, or to a name that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    Value(Vec<String>),
    Name(Vec<String>),
}

pub fn innocent() -> Value {
    serde_yaml::from_str(INNOCENT).expect("the fixture is YAML")
}

/// What is wrong with an inventory: nothing that has no place and no way out.
pub fn load(inventory: &Value, secret: &str) -> Result<Targets, provision::diagnostic::Diagnostics> {
    // JSON is YAML.
    let text = serde_json::to_string_pretty(inventory).expect("it is JSON");
    let environment = |name: &str| match name {
        "INNOCENT" => Some(secret.to_owned()),
        "INNOCENT_KEY" => Some(KEY.to_owned()),
        _ => None,
    };
    let inputs = Inputs { base_dir: Path::new("/project"), environment: &environment, extra_vars: BTreeMap::new() };
    Targets::load("inventory.yml", &text, &inputs)
}

/// Every place of the inventory.
pub fn spots(inventory: &Value) -> Vec<Spot> {
    let mut spots = vec![];
    visit(inventory, &mut vec![], &mut |way, value| match value {
        Value::Object(map) if section(way).is_none() => {
            spots.extend(map.keys().map(|name| Spot::Name([way, std::slice::from_ref(name)].concat())));
        }
        Value::Object(_) | Value::Array(_) => {}
        _ => spots.push(Spot::Value(way.to_vec())),
    });
    spots
}

/// The inventory with `text` at a place.
pub fn with(inventory: &Value, spot: &Spot, text: &str) -> Value {
    let mut inventory = inventory.clone();
    let (Spot::Value(way) | Spot::Name(way)) = spot;
    let (last, before) = way.split_last().expect("a way leads somewhere");
    let parent = before.iter().fold(&mut inventory, |value, step| match value {
        Value::Array(items) => &mut items[step.parse::<usize>().expect("a position")],
        value => &mut value[step.as_str()],
    });
    match (parent, spot) {
        (Value::Array(items), _) => items[last.parse::<usize>().expect("a position")] = text.into(),
        (Value::Object(map), Spot::Value(_)) => drop(map.insert(last.clone(), text.into())),
        (Value::Object(map), Spot::Name(_)) => {
            let renamed = std::mem::take(map).into_iter();
            *map = renamed.map(|(name, value)| (if name == *last { text.to_owned() } else { name }, value)).collect();
        }
        _ => unreachable!("only lists and mappings have something in them"),
    }
    inventory
}

fn visit(value: &Value, way: &mut Vec<String>, see: &mut impl FnMut(&[String], &Value)) {
    see(way, value);
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => vec![],
    };
    for (step, child) in children {
        way.push(step);
        visit(child, way, see);
        way.pop();
    }
}

/// The section whose keys the mapping at that place has; none if its names are free.
fn section(way: &[String]) -> Option<&'static str> {
    let leads = |place: &[&str]| {
        let known = way.len().checked_sub(place.len()).map(|start| &way[start..]);
        known.is_some_and(|end| end.iter().zip(place).all(|(step, name)| *name == "*" || step == name))
    };
    PLACES.iter().find(|(place, _)| if place.is_empty() { way.is_empty() } else { leads(place) }).map(|(_, name)| *name)
}

/// A key that is new in the language must get an innocent value here, and is then tried with every hostile one.
#[test]
fn every_key_of_the_language_is_in_the_innocent_inventory() {
    let mut there: BTreeSet<(&str, String)> = BTreeSet::new();
    visit(&innocent(), &mut vec![], &mut |way, value| {
        if let (Some(section), Value::Object(map)) = (section(way), value) {
            there.extend(map.keys().map(|key| (section, key.clone())));
        }
    });
    let keys = sections().flat_map(|section| section.keys.iter().map(|key| (section.name, key.name.to_owned())));
    let missing: Vec<_> = keys.filter(|key| !there.contains(key)).collect();
    assert!(missing.is_empty(), "add them to innocent.yml, and their sections to PLACES: {missing:?}");
    let targets = load(&innocent(), "innocent").unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(targets.all().len(), 1);
}

#[test]
fn a_text_is_put_where_it_is_meant() {
    let inventory = serde_json::json!({"vars": {"a": ["x"], "b": "y"}});
    let step = |way: &[&str]| way.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
    let put =
        |spot: Spot| Value::Object(Map::from_iter([("vars".to_owned(), with(&inventory, &spot, "z")["vars"].clone())]));
    assert_eq!(put(Spot::Value(step(&["vars", "a", "0"]))), serde_json::json!({"vars": {"a": ["z"], "b": "y"}}));
    assert_eq!(put(Spot::Name(step(&["vars", "b"]))), serde_json::json!({"vars": {"a": ["x"], "z": "y"}}));
    assert_eq!(spots(&inventory).len(), 4);
}

//! Free-form values: what stands below `vars:`, as JSON for templates.
//! Plain scalars are typed as YAML 1.2's core schema has it: `no` and `012` are what they look like, a word and 12.

use serde_json::{Map, Number, Value as Json};

use super::decode::{Decode, Decoder, FromText};
use super::node::{Node, Scalar, ScalarKind, Value};
use super::scalar::Text;

impl Decode for Json {
    fn decode(node: &Node, decoder: &Decoder<'_>) -> Option<Self> {
        match &node.value {
            Value::Null => Some(Self::Null),
            Value::Scalar(scalar) => decoder.check(Text::from_text(&scalar.text), node.span).map(|_| typed(scalar)),
            Value::List(items) => {
                let items: Vec<Option<Self>> = items.iter().map(|item| Self::decode(item, decoder)).collect();
                items.into_iter().collect::<Option<_>>().map(Self::Array)
            }
            Value::Map(_) => {
                let mut object = Map::new();
                for entry in decoder.entries(node, "variables")? {
                    object.insert(entry.key.text.clone(), Self::decode(&entry.value, decoder)?);
                }
                Some(Self::Object(object))
            }
            Value::Unknown => None,
        }
    }
}

fn typed(scalar: &Scalar) -> Json {
    let text = scalar.text.as_str();
    if scalar.kind == ScalarKind::Text {
        return Json::from(text);
    }
    match text {
        "true" | "True" | "TRUE" => return Json::Bool(true),
        "false" | "False" | "FALSE" => return Json::Bool(false),
        _ => {}
    }
    let integer = if let Some(octal) = text.strip_prefix("0o") {
        i64::from_str_radix(octal, 8).ok()
    } else if let Some(hexadecimal) = text.strip_prefix("0x") {
        i64::from_str_radix(hexadecimal, 16).ok()
    } else {
        text.parse().ok()
    };
    if let Some(integer) = integer {
        return Json::from(integer);
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Json::from(integer);
    }
    // Only what looks like a number: Rust would also read `inf` and `nan`.
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    let float = if numeric { text.parse().ok().and_then(Number::from_f64) } else { None };
    float.map_or_else(|| Json::from(text), Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Json) {
        assert_eq!(typed(&Scalar { text: text.to_owned(), kind: ScalarKind::Literal }), expected);
    }

    #[test]
    fn core_schema() {
        check("12", 12.into());
        check("-3", (-3).into());
        check("0x1F", 31.into());
        check("0o17", 15.into());
        check("1.10", 1.1.into());
        check("1e3", 1000.0.into());
        check("true", true.into());
        check("18446744073709551615", u64::MAX.into());
        check("no", "no".into());
        check("inf", "inf".into());
        check("1_000", "1_000".into());
        let quoted = Scalar { text: "12".to_owned(), kind: ScalarKind::Text };
        assert_eq!(typed(&quoted), Json::from("12"));
    }
}

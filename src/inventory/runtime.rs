//! What runs an app, and which keys of the app mean something to it.

use super::decode::{Decoder, Fields};
use crate::diagnostic::Diagnostic;
use crate::runtime::{self, Runtime};

/// The runtime of the app that `fields` describe. There is one to choose from.
pub(super) fn chosen(fields: &Fields<'_>, decoder: &Decoder<'_>) -> Option<&'static Runtime> {
    refuse_foreign_keys(runtime::USUAL, &runtime::ALL, fields, decoder)?;
    Some(runtime::USUAL)
}

/// A key that only other runtimes know would have no effect, and nothing would say so.
fn refuse_foreign_keys(runtime: &Runtime, all: &[&Runtime], fields: &Fields<'_>, decoder: &Decoder<'_>) -> Option<()> {
    let others = all.iter().flat_map(|other| other.keys);
    let mut foreign = others.filter(|key| !runtime.keys.contains(key));
    let Some(key) = foreign.find(|key| fields.get(key).is_some()) else { return Some(()) };
    let name = runtime.name;
    let mistake = Diagnostic::new(format!("`{key}` means nothing to {name}"), fields.place_of(key));
    decoder.report(mistake.hint(format!("remove it: {name} knows {}", runtime.keys.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Inputs;
    use crate::inventory::decode::Names;
    use crate::inventory::node::Node;
    use crate::inventory::schema;

    /// What a runtime that knows `timeout` alone says of an app.
    fn said_of(app: &str) -> Vec<String> {
        let plain = Runtime { name: "plain", keys: &["timeout"], ..*runtime::USUAL };
        let inputs = Inputs { base_dir: "/".as_ref(), environment: &|_| None, extra_vars: Default::default() };
        let (names, node) = (Names::default(), Node::parse(app).unwrap());
        let decoder = Decoder::new(&inputs, &names);
        let fields = decoder.fields(&node, &schema::APP).unwrap();
        let _ = refuse_foreign_keys(&plain, &[runtime::USUAL, &plain], &fields, &decoder);
        let mistakes = decoder.take_mistakes();
        mistakes.into_iter().map(|mistake| mistake.message).collect()
    }

    #[test]
    fn a_key_of_another_runtime_is_refused_where_it_stands() {
        assert_eq!(said_of("{ bind: 5000, threads: 4 }"), ["`threads` means nothing to plain"]);
        assert_eq!(said_of("{ bind: 5000, timeout: 4s }"), [] as [&str; 0]);
    }

    #[test]
    fn each_key_of_a_runtime_is_one_of_an_app() {
        let known = |key: &&'static str| schema::APP.keys.iter().any(|known| known.name == *key);
        assert!(runtime::ALL.iter().all(|runtime| runtime.keys.iter().all(known)));
    }
}

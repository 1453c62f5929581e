//! From the tree to the extra files of one level.

use super::decode::{Decode, Decoder, FromText};
use super::node::{Name, Node};
use super::schema;
use super::site::known_app;
use crate::diagnostic::Span;
use crate::model::{ExtraFile, NameError, Notify, UserName};

/// An extra file and where it stands.
#[derive(Debug, Clone)]
pub struct PlacedFile {
    /// The file.
    pub file: ExtraFile,
    /// Where its destination stands.
    pub destination: Span,
}

/// The files of one level; the same destination twice is a mistake there.
pub fn decode_all(node: &Node, decoder: &Decoder<'_>) -> Vec<PlacedFile> {
    let mut files: Vec<PlacedFile> = Vec::new();
    let decoded = decoder.list(node).unwrap_or_default().iter().filter_map(|item| decode(item, decoder));
    for file in decoded {
        match files.iter().find(|earlier| earlier.file.destination == file.file.destination) {
            Some(first) => {
                let what = format!("the destination `{}`", file.file.destination);
                decoder.twice(&what, file.destination, first.destination);
            }
            None => files.push(file),
        }
    }
    files
}

fn decode(node: &Node, decoder: &Decoder<'_>) -> Option<PlacedFile> {
    let fields = decoder.fields(node, &schema::FILE)?;
    let template = fields.required::<TemplateName>("template");
    let destination = fields.required("destination");
    let mode = fields.or_default("mode");
    let owner = fields.or_default::<UserName>("owner");
    let group = fields.or_default::<UserName>("group");
    let notify = fields.or_empty("reload");
    let file = ExtraFile {
        template: template?.0,
        destination: destination?,
        mode: mode?,
        owner: owner?,
        group: group?,
        notify: notify?,
    };
    Some(PlacedFile { file, destination: fields.place_of("destination") })
}

/// The name of a file in the `templates/` folder.
struct TemplateName(String);

impl FromText for TemplateName {
    const FORM: &'static str = "the name of a file in `templates/`, such as `motd.j2`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let wrong = |hint: &str| NameError::new(format!("`{text}` is not the name of a template"), hint);
        if text.starts_with('/') || text.split('/').any(|part| part == "..") {
            return Err(wrong("write it relative to the `templates/` folder beside the inventory, and not out of it"));
        }
        if text.is_empty() || text.ends_with('/') || text.contains('\\') || text.chars().any(char::is_control) {
            return Err(wrong("write the name of a file in `templates/`, such as `motd`"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Decode for Notify {
    fn decode(node: &Node, decoder: &Decoder<'_>) -> Option<Self> {
        let name = Name::decode(node, decoder)?;
        if name.text == "nginx" {
            return Some(Self::Nginx);
        }
        if let Some(app) = name.text.strip_prefix("app:") {
            return known_app(&Name { text: app.to_owned(), span: name.span }, decoder).map(Self::App);
        }
        decoder.check(unit(&name.text), name.span).map(Self::Unit)
    }
}

/// The characters of unit names, as `man systemd.unit` lists them.
fn unit(text: &str) -> Result<String, NameError> {
    let wrong = |hint: &str| NameError::new(format!("`{text}` cannot be reloaded"), hint);
    let unit = text.strip_prefix("unit:").ok_or_else(|| wrong("write `nginx`, `app:NAME` or `unit:NAME`"))?;
    let valid = unit.starts_with(|c: char| c.is_ascii_alphanumeric())
        && unit.len() < 256
        && unit.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '@' | '-'));
    if valid {
        Ok(unit.to_owned())
    } else {
        Err(wrong("a unit name has letters, digits and `:_.@-`, such as `unit:ssh`"))
    }
}

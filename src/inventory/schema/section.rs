//! What a section of the schema is made of.

/// A mapping of the inventory with a fixed set of keys.
#[derive(Debug)]
pub struct Section {
    /// What it is, with its article: `an app`.
    pub name: &'static str,
    /// Its keys, in the order in which one reads of them.
    pub keys: &'static [Key],
}

impl Section {
    /// A pair that one might write, such as `app: web`.
    #[must_use]
    pub fn example(&self) -> String {
        let required = self.keys.iter().find_map(|key| match key.default {
            Default::Required { example } => Some(format!("{}: {example}", key.name)),
            Default::None | Default::Value(_) => None,
        });
        let first = || self.keys.first().map(|key| format!("{}: {}", key.name, key.example));
        required.or_else(first).unwrap_or_default()
    }
}

/// One key of a section.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What may stand there.
    pub form: &'static str,
    /// What holds when it does not stand there.
    pub default: Default,
    /// What one might write, as YAML.
    pub example: &'static str,
    /// What it is for.
    pub meaning: &'static str,
}

impl Key {
    /// With an example that tells more than the default.
    pub(super) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}

/// What holds when a key is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// The key must be there.
    Required {
        /// What one might write.
        example: &'static str,
    },
    /// Nothing, or what the meaning says.
    None,
    /// This value.
    Value(&'static str),
}

pub(super) const fn required(
    name: &'static str,
    form: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, form, default: Default::Required { example }, example, meaning }
}

pub(super) const fn optional(name: &'static str, form: &'static str, meaning: &'static str) -> Key {
    Key { name, form, default: Default::None, example: "", meaning }
}

pub(super) const fn default(name: &'static str, form: &'static str, value: &'static str, meaning: &'static str) -> Key {
    Key { name, form, default: Default::Value(value), example: value, meaning }
}

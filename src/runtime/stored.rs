//! A runtime as hosts keep it in their history: its name.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Runtime;

impl Serialize for Runtime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for &'static Runtime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Runtime::named(&name).ok_or_else(|| de::Error::custom(format!("no runtime is called `{name}`")))
    }
}

//! One encoder per output language: each turns any text into one inert value of that language, or refuses it.
//! Knows nothing of templates or of what the values mean.
//!
//! **Invariant:** no value can become code, and no refusal quotes the value, which may be a secret.

pub mod comment;
pub mod env_file;
pub mod logrotate;
pub mod nginx;
pub mod pem;
pub mod python;
pub mod shell;
pub mod systemd;
pub mod upstart;

/// Turns a text into one inert value of a language.
///
/// ```
/// use provision::encode::{ENCODERS, Encoder, nginx};
///
/// let parameter: Encoder = nginx::parameter;
/// assert_eq!(parameter("say \"hi\"; or }")?, r#""say \"hi\"; or }""#);
/// assert!(parameter("$remote_addr").is_err(), "Nginx has no way to write a `$`");
/// assert!(ENCODERS.iter().any(|(filter, _)| *filter == "nginx"));
/// # Ok::<(), provision::encode::Refusal>(())
/// ```
pub type Encoder = fn(&str) -> Result<String, Refusal>;

/// Every encoder by the name of its template filter.
pub const ENCODERS: [(&str, Encoder); 12] = [
    ("comment", comment::text),
    ("env_file", env_file::value),
    ("logrotate", logrotate::path),
    ("nginx", nginx::parameter),
    ("pem", pem::blocks),
    ("python", python::literal),
    ("shell", shell::word),
    ("systemd", systemd::line),
    ("systemd_exec", systemd::exec_word),
    ("upstart", upstart::env_value),
    ("upstart_exec", upstart::exec_word),
    ("upstart_script", upstart::script_word),
];

/// Why a text cannot be written in a language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// What the value holds that the language cannot; never quotes the value.
    pub reason: String,
}

impl Refusal {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// Refuses the control characters that `allowed` does not name.
fn refuse_control(text: &str, language: &str, allowed: &[char]) -> Result<(), Refusal> {
    match text.chars().find(|c| c.is_ascii_control() && !allowed.contains(c)) {
        None => Ok(()),
        Some('\n') => Err(Refusal::new(format!("the value has a line break, which {language} cannot hold"))),
        Some(c) => Err(Refusal::new(format!(
            "the value has the control character U+{:04X}, which {language} cannot hold",
            u32::from(c)
        ))),
    }
}

/// Refuses the code points that Unicode keeps out of every text. UTF-8 can write them, but systemd takes a line that
/// has one for damaged and drops it.
fn refuse_noncharacters(text: &str, language: &str) -> Result<(), Refusal> {
    let is_noncharacter = |c: char| matches!(u32::from(c), 0xfdd0..=0xfdef) || u32::from(c) & 0xfffe == 0xfffe;
    match text.chars().find(|c| is_noncharacter(*c)) {
        None => Ok(()),
        Some(c) => Err(Refusal::new(format!(
            "the value has U+{:04X}, which is no character and which {language} cannot hold",
            u32::from(c)
        ))),
    }
}

/// Refuses what is longer, in bytes, than `limit`.
fn refuse_longer(text: &str, limit: usize, why: &str) -> Result<(), Refusal> {
    if text.len() <= limit {
        return Ok(());
    }
    Err(Refusal::new(format!("the value is longer than {limit} bytes, {why}")))
}

//! A file with secrets, piece by piece: what is text, and where each secret stands.
//!
//! Nothing is searched for the secrets themselves, which may look like anything. The template is rendered once more
//! with marks in their place, and the pieces count only if they make exactly the content again.

use crate::digest::Digest;
use crate::encode::{Refusal, env_file, pem};
use crate::model::{Form, Part, RemotePath, Secrecy, Secret, layout};
use crate::template::TemplateError;

/// How a secret is written in a file.
///
/// # Errors
/// When that form cannot hold the value.
pub fn written(form: Form, value: &str) -> Result<String, Refusal> {
    match form {
        Form::EnvFile => env_file::value(value),
        Form::Pem => pem::blocks(value),
    }
}

/// Every text by which a secret can be seen in a file: as it is, as it is written there, and, because a diff goes line
/// by line, each of its lines. Blank texts would redact everything and are left out.
#[must_use]
pub fn shapes(secret: &Secret) -> Vec<String> {
    let written = written(secret.form, &secret.value).unwrap_or_default();
    let (written, is_shown): (&str, fn(&&str) -> bool) = match secret.form {
        Form::EnvFile => (written.trim_matches('"'), |_| true),
        // Every file of that form has these.
        Form::Pem => (written.as_str(), |line| !line.starts_with("-----")),
    };
    let mut shapes = vec![secret.value.as_str(), written];
    shapes.extend(secret.value.lines().chain(written.lines()).filter(is_shown));
    shapes.retain(|shape| !shape.trim().is_empty());
    shapes.sort_unstable_by_key(|shape| (std::cmp::Reverse(shape.len()), *shape));
    shapes.dedup();
    shapes.into_iter().map(str::to_owned).collect()
}

/// The content that the pieces make.
///
/// # Errors
/// When the form of a secret cannot hold its value; with the secret.
pub fn joined(parts: &[Part]) -> Result<String, (&Secret, Refusal)> {
    let mut content = String::new();
    for part in parts {
        match part {
            Part::Text(text) => content.push_str(text),
            Part::Secret(secret) => {
                content.push_str(&written(secret.form, &secret.value).map_err(|refusal| (secret, refusal))?);
            }
        }
    }
    Ok(content)
}

/// What may be shown of a text without secrets. The host may still have an older secret in an environment.
#[must_use]
pub fn of_text(path: &RemotePath, content: &str) -> Secrecy {
    match layout::ENVIRONMENT.name_in(path.as_str()) {
        Some(_) => Secrecy::Pieces(vec![Part::Text(content.to_owned())]),
        None => Secrecy::Open,
    }
}

/// What may be shown of `content`, a file for secrets, which holds these; `render` renders it again with other values
/// in their place. Without any, the host may still have an older one in the file.
pub(super) fn secrecy(
    content: &str,
    secrets: &[Secret],
    render: impl FnOnce(&[String]) -> Result<String, TemplateError>,
) -> Secrecy {
    if secrets.is_empty() {
        return Secrecy::Pieces(vec![Part::Text(content.to_owned())]);
    }
    parts(content, secrets, render).map_or(Secrecy::Whole, Secrecy::Pieces)
}

/// The pieces of `content`; `None` where the template does more with the secrets than write them.
fn parts(
    content: &str,
    secrets: &[Secret],
    render: impl FnOnce(&[String]) -> Result<String, TemplateError>,
) -> Option<Vec<Part>> {
    let marks: Vec<String> =
        secrets.iter().enumerate().map(|(index, secret)| mark(content, index, secret.form)).collect();
    // A template may refuse what is not the real value; then there are no pieces.
    let marked = render(&marks).ok()?;
    let parts = split(&marked, secrets, &marks);
    joined(&parts).is_ok_and(|joined| joined == content).then_some(parts)
}

/// A value that stands nowhere else, and that its form takes as it is.
fn mark(content: &str, index: usize, form: Form) -> String {
    let digest = Digest::of(format!("{index} {content}").as_bytes());
    match form {
        Form::EnvFile => digest.to_string(),
        Form::Pem => format!("-----BEGIN CERTIFICATE-----\n{digest}\n-----END CERTIFICATE-----"),
    }
}

fn split(marked: &str, secrets: &[Secret], marks: &[String]) -> Vec<Part> {
    let written = |(secret, mark): (&Secret, &String)| written(secret.form, mark).unwrap_or_else(|_| mark.clone());
    let marks: Vec<String> = secrets.iter().zip(marks).map(written).collect();
    let mut parts = vec![];
    let mut rest = marked;
    loop {
        let found = marks.iter().zip(secrets).filter_map(|(mark, secret)| Some((rest.find(mark)?, mark, secret)));
        let Some((at, mark, secret)) = found.min_by_key(|(at, ..)| *at) else { break };
        parts.extend([Part::Text(rest[..at].to_owned()), Part::Secret(secret.clone())]);
        rest = &rest[at + mark.len()..];
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(value: &str) -> Secret {
        Secret { variable: "WORD".parse().expect("a name"), value: value.to_owned(), form: Form::EnvFile }
    }

    /// The pieces of what `page` makes of one secret.
    fn check(value: &str, page: impl Fn(&str) -> String) -> Secrecy {
        secrecy(&page(value), &[secret(value)], |marks| Ok(page(&marks[0])))
    }

    #[test]
    fn a_secret_is_known_in_every_shape_it_is_written_in() {
        let shapes = |value: &str| shapes(&secret(value));
        assert_eq!(shapes("plain"), ["plain"]);
        assert_eq!(shapes("pa$s"), [r"pa\$s", "pa$s"]);
        assert_eq!(shapes("one\ntwo"), ["one\ntwo", "one", "two"]);
        assert_eq!(shapes(""), [] as [&str; 0]);
    }

    #[test]
    fn only_the_secret_itself_is_taken_out() {
        // The same text stands elsewhere, too.
        let page = |value: &str| format!("LANG=\"C\"\nWORD={}\n", env_file::value(value).expect("a value"));
        let text = |text: &str| Part::Text(text.to_owned());
        let pieces = vec![text("LANG=\"C\"\nWORD="), Part::Secret(secret("C")), text("\n")];
        assert_eq!(check("C", page), Secrecy::Pieces(pieces));
        assert_eq!(joined(check("pa$s\n\"x\"", page).pieces()).expect("a content"), page("pa$s\n\"x\""));
    }

    #[test]
    fn a_template_that_does_more_than_write_it_has_no_pieces() {
        assert_eq!(check("word", |value| format!("WORD={}\n", value.to_uppercase())), Secrecy::Whole);
        assert_eq!(check("word", |value| format!("# {value}\nWORD=\"{value}\"\n")), Secrecy::Whole);
        let length = |value: &str| format!("# {} characters\nWORD=\"{value}\"\n", value.len());
        assert_eq!(check("word", length), Secrecy::Whole);
        let plain = "WORD=\"word\"\n".to_owned();
        assert_eq!(secrecy(&plain, &[], |_| Ok(String::new())), Secrecy::Pieces(vec![Part::Text(plain)]));
    }
}

//! The usual ways to write a text in another language: what an exception, a log or a header makes of a secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE as BASE64_URL};

/// The least that is masked wherever it stands, in characters.
pub(super) const LONG: usize = 4;

/// A part of an encoded secret that is as short as this tells nothing, and stands in any text, in bytes.
const TELLING: usize = 8;

/// The password of `scheme://user:password@host`, which a driver may quote alone.
pub(super) fn password_of(secret: &str) -> Vec<&str> {
    let password = || {
        let (_, rest) = secret.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let (user, _) = authority.rsplit_once('@')?;
        Some(user.split_once(':')?.1)
    };
    password().into_iter().collect()
}

/// The usual ways to write a text in another language.
pub(super) fn disguises(text: &str) -> Vec<String> {
    let mut all = vec![];
    // Python's `repr` takes the quotes that the text has not; JSON always takes double ones.
    for non_ascii in [NonAscii::Plain, NonAscii::Python, NonAscii::Bytes, NonAscii::Json] {
        for quotes in ["", "'", "\""] {
            all.push(backslashed(text, quotes, non_ascii));
        }
    }
    for (safe, blank) in [("/", "%20"), ("", "%20"), ("", "+")] {
        let quoted = percent_encoded(text, safe, blank);
        all.push(quoted.to_lowercase());
        all.push(quoted);
    }
    for quotes in [["&#39;", "&#34;"], ["&#x27;", "&quot;"], ["'", "\""]] {
        let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        all.push(html.replace('\'', quotes[0]).replace('"', quotes[1]));
    }
    for shell in ["'\\''", "'\"'\"'"] {
        all.push(text.replace('\'', shell));
    }
    // As in an environment file, and as `bash` shows it inside double quotes.
    all.push(text.chars().flat_map(|c| ['\\'].into_iter().filter(move |_| "\\\"$`".contains(c)).chain([c])).collect());
    let hexadecimal: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    all.push(hexadecimal.to_uppercase());
    all.push(hexadecimal);
    for offset in 0..3 {
        all.extend(base64_inside(text.as_bytes(), offset));
    }
    all.retain(|disguise| disguise != text && disguise.len() >= LONG);
    all
}

/// How what is not ASCII is written.
#[derive(Clone, Copy)]
enum NonAscii {
    /// As it is.
    Plain,
    /// As Python's `ascii` does.
    Python,
    /// As Python shows bytes.
    Bytes,
    /// As Python's `json` does.
    Json,
}

fn backslashed(text: &str, quotes: &str, non_ascii: NonAscii) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if quotes.contains(c) => out.extend(['\\', c]),
            _ if c.is_ascii_control() && matches!(non_ascii, NonAscii::Json) => out.push_str(&format!("\\u{code:04x}")),
            _ if c.is_ascii_control() => out.push_str(&format!("\\x{code:02x}")),
            _ if c.is_ascii() => out.push(c),
            _ => match non_ascii {
                NonAscii::Plain => out.push(c),
                NonAscii::Python => out.push_str(&match code {
                    ..0x100 => format!("\\x{code:02x}"),
                    0x100..0x1_0000 => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                }),
                NonAscii::Bytes => {
                    let mut bytes = [0; 4];
                    c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
                }
                NonAscii::Json => {
                    let mut units = [0; 2];
                    c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
                }
            },
        }
    }
    out
}

fn percent_encoded(text: &str, safe: &str, blank: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "_.-~".contains(c) || safe.contains(c) {
            out.push(c);
        } else if c == ' ' {
            out.push_str(blank);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Base64 of a text that `text` stands in, `offset` bytes behind a multiple of three: the part that nothing else has a
/// say in. The password in a header of basic authentication is such a text.
fn base64_inside(text: &[u8], offset: usize) -> Vec<String> {
    let padded = [&vec![0; offset][..], text].concat();
    // Six bits a character; those that a neighbour shares are not the secret's alone.
    let (first, last) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    let inside = |encoded: String| encoded.get(first..last).map(str::to_owned);
    let parts = [BASE64.encode(&padded), BASE64_URL.encode(&padded)].map(inside);
    parts.into_iter().flatten().filter(|part| part.len() >= TELLING).collect()
}

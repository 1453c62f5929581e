//! Certificates and keys in PEM form.

use super::Refusal;

/// The blocks of a PEM text, each line on its own. What stands around them means nothing to OpenSSL and is left out.
///
/// # Errors
/// A text without a complete block, a block that holds anything but base64, or a key that needs a passphrase.
pub fn blocks(text: &str) -> Result<String, Refusal> {
    let mut encoded = Vec::new();
    let mut label: Option<&str> = None;
    for line in text.lines().map(str::trim) {
        if let Some(begun) = boundary(line, "BEGIN") {
            if label.replace(begun).is_some() {
                return Err(Refusal::new("a block of the PEM text begins inside another"));
            }
        } else if let Some(ended) = boundary(line, "END") {
            if label.take() != Some(ended) {
                return Err(Refusal::new("a block of the PEM text ends that did not begin"));
            }
        } else if label.is_none() || line.is_empty() {
            continue;
        } else if line.starts_with("Proc-Type:") || line.starts_with("DEK-Info:") {
            return Err(Refusal::new("the key is encrypted, and nobody is there to type its passphrase"));
        } else if !line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')) {
            return Err(Refusal::new("a block of the PEM text has a line that is not base64"));
        }
        encoded.push(line);
    }
    if label.is_some_and(|label| label.starts_with("ENCRYPTED")) || text.contains("BEGIN ENCRYPTED") {
        return Err(Refusal::new("the key is encrypted, and nobody is there to type its passphrase"));
    }
    if label.is_some() || encoded.is_empty() {
        return Err(Refusal::new(
            "the text is not complete PEM: a `-----BEGIN …-----` line, base64, an `-----END …-----` line",
        ));
    }
    Ok(encoded.join("\n"))
}

/// `CERTIFICATE` of `-----BEGIN CERTIFICATE-----`.
fn boundary<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let label = line.strip_prefix("-----")?.strip_prefix(word)?.strip_prefix(' ')?.strip_suffix("-----")?;
    label.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ').then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "-----BEGIN CERTIFICATE-----\nTUlJ+/8=\n-----END CERTIFICATE-----";

    #[test]
    fn blocks_alone_are_kept() {
        assert_eq!(blocks(BLOCK).unwrap(), BLOCK);
        let noisy = format!("Bag Attributes\n  friendlyName: x\r\n{}\r\n\n{BLOCK}\n", BLOCK.replace('\n', "\r\n"));
        assert_eq!(blocks(&noisy).unwrap(), format!("{BLOCK}\n{BLOCK}"));
    }

    #[test]
    fn what_nginx_could_not_load_is_refused_without_being_shown() {
        for wrong in [
            "",
            "hunter2",
            "-----BEGIN CERTIFICATE-----\nTUlJ",
            "-----BEGIN CERTIFICATE-----\nhunter2;}\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END PRIVATE KEY-----",
            "-----END CERTIFICATE-----",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nTUlJ\n-----END ENCRYPTED PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nTUlJ\n-----END RSA PRIVATE KEY-----",
        ] {
            let refusal = blocks(wrong).unwrap_err();
            assert!(!refusal.to_string().contains("hunter2"), "{refusal}");
        }
    }
}

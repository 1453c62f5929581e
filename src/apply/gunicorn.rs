//! The gunicorn that hosts get where an app's requirements name none: fixed versions with the hash of each file, so
//! that neither a package index nor a release of today decides what runs. `scripts/pin-gunicorn.sh` writes them anew.

/// Requirements for pip, each with the first Python that it is for: it holds up to the next one.
pub const PINS: [(&str, &str); 3] = [
    ("3.5", include_str!("host/gunicorn/python3.5.txt")),
    ("3.7", include_str!("host/gunicorn/python3.7.txt")),
    ("3.10", include_str!("host/gunicorn/python3.10.txt")),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What pip's `--require-hashes` asks for: it would refuse the whole file otherwise, on a host.
    #[test]
    fn every_requirement_has_its_version_and_the_hashes_of_wheel_and_source() {
        for (python, text) in PINS {
            let text = text.replace("\\\n", "");
            let requirements: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(requirements[0].starts_with("gunicorn=="), "{python}: {requirements:?}");
            for requirement in requirements {
                let (version, hashes) = requirement.split_once("--hash=sha256:").expect("a hash");
                assert!(version.contains("=="), "{requirement}");
                let hashes: Vec<&str> = hashes.split("--hash=sha256:").map(str::trim).collect();
                assert_eq!(hashes.len(), 2, "{requirement}");
                let is_digest = |hash: &&str| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(hashes.iter().all(is_digest), "{requirement}");
            }
        }
    }
}

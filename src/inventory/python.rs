//! From the tree to how an app's Python packages are installed.

use super::decode::{Decoder, Fields};
use super::scalar::Argument;
use super::schema;
use crate::diagnostic::Diagnostic;
use crate::model::{Install, PackageName, Python};

/// How an app's Python packages get onto the host.
pub fn decode(app: &Fields<'_>, decoder: &Decoder<'_>) -> Option<Python> {
    let fields = app.section("python", &schema::PYTHON)?;
    let install = fields.or_default("install");
    let requirements = fields.optional("requirements");
    let packages = if install == Some(Install::Apt) {
        let packages = fields.or_empty::<Vec<PackageName>>("packages");
        packages.map(|packages| packages.iter().map(ToString::to_string).collect())
    } else {
        let packages = fields.or_empty::<Vec<Argument>>("packages");
        packages.map(|packages| packages.into_iter().map(|Argument(package)| package).collect())
    };
    let require_hashes = fields.or_default::<bool>("require_hashes");
    let (install, requirements, require_hashes) = (install?, requirements?, require_hashes?);
    if install == Install::Apt && requirements.is_some() {
        let mistake = Diagnostic::new(
            "a requirements file needs pip, and `install: apt` never runs it",
            fields.place_of("requirements"),
        );
        return decoder.report(mistake.hint("list Debian packages below `packages`, or choose `install: venv`"));
    }
    let packages: Vec<String> = packages?;
    if require_hashes {
        check_hashes(install, &packages, &fields, decoder)?;
    }
    Some(Python { install, requirements, packages, require_hashes })
}

/// pip takes a hash from a requirements file alone.
fn check_hashes(install: Install, packages: &[String], python: &Fields<'_>, decoder: &Decoder<'_>) -> Option<()> {
    if install == Install::Apt {
        let mistake = Diagnostic::new(
            "hashes are what pip checks, and `install: apt` never runs it",
            python.place_of("require_hashes"),
        );
        return decoder.report(mistake.hint("remove `require_hashes`: apt checks the signatures of its archives"));
    }
    if packages.is_empty() {
        return Some(());
    }
    let mistake = Diagnostic::new("a requirement in `packages` has no hash", python.place_of("packages"));
    let mistake = mistake.related(python.place_of("require_hashes"), "every requirement must have one");
    decoder.report(mistake.hint("write it into the requirements file, with its version and its `--hash=sha256:…`"))
}

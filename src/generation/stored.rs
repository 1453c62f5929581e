//! What was wanted of a host, as JSON. Its secrets are in it, so it is written where only root reads.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::desired::Desired;

/// The one format so far. A version that writes another one says so here, and goes on reading this one.
const FORMAT: u32 = 1;

/// Everything that should be on a host, as JSON. Code does not travel: releases come back as [`OnHost`].
///
/// [`OnHost`]: crate::source::Pinned::OnHost
#[must_use]
pub fn to_json(desired: &Desired) -> String {
    let document = Written { format: FORMAT, desired };
    serde_json::to_string_pretty(&document).expect("texts, numbers, lists and maps of texts always become JSON")
}

/// What [`to_json`] wrote, valid in every part.
///
/// # Errors
/// When it is of another format, damaged, or holds a name or path that no inventory could.
pub fn from_json(text: &str) -> Result<Desired> {
    let Format { format } = serde_json::from_str(text).context("what is stored is not JSON with a `format`")?;
    if format != FORMAT {
        bail!(
            "what is stored is of format {format}, and this version of provision knows format {FORMAT}\n\
             help: use the version of provision that wrote it"
        );
    }
    let document: Read = serde_json::from_str(text).context("what is stored cannot be understood")?;
    Ok(document.desired)
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    desired: &'a Desired,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
struct Read {
    desired: Desired,
}

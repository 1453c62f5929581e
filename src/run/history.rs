//! `provision history`: asks a host for its generations.

use anyhow::Result;

use super::access::Access;
use super::visit::{answer, visit};
use crate::generation::{HISTORY, History};
use crate::model::Connection;

/// Every attempt to change the host.
///
/// # Errors
/// When the host cannot be reached, or its answer is not understood.
pub async fn history(connection: &Connection, access: &Access) -> Result<History> {
    visit(connection, access, async |session| answer(session, HISTORY, History::parse).await).await
}

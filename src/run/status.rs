//! `provision status`: asks a host how its apps are.

use anyhow::Result;

use super::access::Access;
use super::look::cover;
use super::visit::{answer, answer_within, visit};
use crate::generation::{Which, parse_stored, stored_script};
use crate::mask;
use crate::model::{Connection, ProjectName};
use crate::probe::{self, Request};
use crate::ssh::Limits;
use crate::status::{self, Processes, Status};

/// How the apps are that the live generation of a project has on the host; `None` where it has committed nothing yet.
///
/// # Errors
/// When the host cannot be reached, or its answer is not understood.
pub async fn status(connection: &Connection, project: &ProjectName, access: &Access) -> Result<Option<Status>> {
    visit(connection, access, async |session| {
        let script = stored_script(Which::Live(project));
        let Some(stored) = answer(session, &script, parse_stored).await? else { return Ok(None) };
        let number = stored.number;
        // The live one has all its secrets.
        let desired = stored.open(&connection.address, &|_| None)?;
        mask::learn_desired(&desired);
        let mut request = Request::default();
        cover(&desired, &mut request);
        let facts = answer(session, &request.script(), |report| probe::parse(report, &request.unit_names())).await?;
        let script = status::script(&desired, &facts);
        let limits = Limits::LOOK.and(status::patience(&desired));
        let processes = answer_within(session, &script, limits, Processes::parse).await?;
        Ok(Some(Status::of(number, &desired, &facts, &processes)))
    })
    .await
}

//! `provision up`: make hosts match.

use anyhow::Result;
use provision::event::Ending;
use provision::run::Goal;

use super::{Exit, hosts};
use crate::cli::Up;

/// Makes the selected hosts match.
pub fn up(arguments: &Up) -> Result<Exit> {
    let Up { selection, inventory, output, connection, change, .. } = arguments;
    let goal = if arguments.list_points { Goal::ListPoints } else { Goal::Up };
    let ended = hosts::work(goal, selection, inventory, output, connection, Some(change))?;
    let exit = Exit::of(&ended);
    let changed =
        ended.outcomes.iter().any(|outcome| matches!(outcome.ending, Ending::Changed | Ending::OnProbation(_)));
    Ok(if exit == Exit::Done && changed && arguments.detailed_exitcode { Exit::Drift } else { exit })
}

//! Packages, users, directories, files, links and releases: each compared with the host.

use super::change::{Change, Operation};
use super::common;
use super::reason::Reason;
use crate::desired::{Desired, DesiredApp};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::model::layout;
use crate::model::{Directory, File, Install, Link, Mode, UserName};
use crate::probe::{Dependencies, Facts, Node, NodeKind, Welcome};
use crate::source::Pinned;

/// What has to change so that every desired resource is there.
pub fn changes(desired: &Desired, facts: &Facts) -> Result<Vec<Change>, Fault> {
    let mut changes = vec![];
    let mut add = |operation, reason, before| changes.push(Change { operation, reason, before });
    for package in desired.packages.iter().filter(|name| !facts.packages.contains_key(name.as_str())) {
        add(Operation::InstallPackage(package.clone()), Reason::NotInstalled, None);
    }
    for user in desired.users.iter().filter(|user| !facts.users.contains(user.name.as_str())) {
        add(Operation::CreateUser(user.clone()), Reason::NoSuchUser, None);
    }
    for directory in &desired.directories {
        if let Some(reason) = directory_differs(directory, facts.nodes.get(directory.path.as_str()))? {
            let there = facts.nodes.contains_key(directory.path.as_str());
            let put = if there { Operation::MendDirectory } else { Operation::PutDirectory };
            add(put(directory.clone()), reason, None);
        }
    }
    for app in &desired.apps {
        for (operation, reason) in release_changes(app, facts)? {
            add(operation, reason, None);
        }
    }
    let nothing_to_install = desired.packages.iter().all(|name| facts.packages.contains_key(name.as_str()));
    for file in &desired.files {
        if nothing_to_install
            && let Some(folder) = file.path.folder().filter(|folder| desired.foreign_folders.contains(folder))
            && !facts.nodes.contains_key(folder.as_str())
        {
            return Err(Fault::new(format!("{} should go into {folder}, which the host does not have", file.path))
                .hint("name the package that brings the folder in `packages`, or choose another destination"));
        }
        if common::stands(file, desired, facts)? {
            continue;
        }
        if let Some((reason, before)) = file_differs(file, facts.nodes.get(file.path.as_str()))? {
            add(Operation::PutFile(file.clone()), reason, before);
        }
    }
    for link in &desired.links {
        if let Some(reason) = link_differs(link, facts.nodes.get(link.path.as_str()))? {
            add(Operation::PutLink(link.clone()), reason, None);
        }
    }
    if desired.replaces_welcome
        && let Some(reason) = welcome_in_the_way(facts)?
    {
        add(Operation::DisableWelcome, reason, None);
    }
    Ok(changes)
}

fn directory_differs(wanted: &Directory, node: Option<&Node>) -> Result<Option<Reason>, Fault> {
    match node {
        None => Ok(Some(Reason::Missing)),
        Some(node) if node.kind == NodeKind::Directory => {
            Ok(access_differs(node, wanted.mode, &wanted.owner, &wanted.group))
        }
        Some(node) => Err(in_the_way(wanted.path.as_str(), node, "a directory")),
    }
}

fn file_differs(wanted: &File, node: Option<&Node>) -> Result<Option<(Reason, Option<String>)>, Fault> {
    let Some(node) = node else {
        return Ok(Some((Reason::Missing, None)));
    };
    if node.kind == NodeKind::Directory || node.kind == NodeKind::Other {
        return Err(in_the_way(wanted.path.as_str(), node, "a file"));
    }
    if node.kind != NodeKind::File {
        return Ok(Some((Reason::NotAFile(node.kind.clone()), None)));
    }
    if node.digest.as_ref() == Some(&Digest::of(wanted.content.as_bytes())) {
        return Ok(access_differs(node, wanted.mode, &wanted.owner, &wanted.group).map(|reason| (reason, None)));
    }
    let before = node.content.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    Ok(Some((Reason::Content, before)))
}

fn link_differs(wanted: &Link, node: Option<&Node>) -> Result<Option<Reason>, Fault> {
    match node.map(|node| (node, &node.kind)) {
        None => Ok(Some(Reason::Missing)),
        Some((_, NodeKind::Link(to))) if to == wanted.to.as_str() => Ok(None),
        Some((_, NodeKind::Link(to))) => Ok(Some(Reason::PointsAt(to.clone()))),
        Some((_, NodeKind::File)) => Ok(Some(Reason::NotALink(NodeKind::File))),
        Some((node, _)) => Err(in_the_way(wanted.path.as_str(), node, "a link")),
    }
}

fn access_differs(node: &Node, mode: Mode, owner: &UserName, group: &UserName) -> Option<Reason> {
    if node.mode != mode {
        return Some(Reason::Mode { is: node.mode, wanted: mode });
    }
    if node.owner != owner.as_str() || node.group != group.as_str() {
        let is = (node.owner.clone(), node.group.clone());
        return Some(Reason::Owner { is, wanted: (owner.clone(), group.clone()) });
    }
    None
}

fn release_changes(app: &DesiredApp, facts: &Facts) -> Result<Vec<(Operation, Reason)>, Fault> {
    let name = &app.app.name;
    let id = &app.release.id;
    let mut changes = vec![];
    let there = facts.releases.get(name.as_str()).is_some_and(|ids| ids.contains(id));
    if !there {
        if matches!(app.release.source, Pinned::OnHost(_)) {
            return Err(release_is_gone(app, facts));
        }
        let reason = Reason::NewCode { release_command: app.app.release_command.is_some() };
        changes.push((Operation::AddRelease(name.clone(), id.clone()), reason));
    }
    if let Some(reason) = python_differs(app, facts)
        && (there || app.app.python.install == Install::System)
    {
        changes.push((Operation::InstallPython(name.clone()), reason));
    }
    let wanted = layout::release(name, id);
    let link = layout::CURRENT.of(name);
    let node = facts.nodes.get(link.as_str());
    let reason = match node.map(|node| (node, &node.kind)) {
        Some((_, NodeKind::Link(to))) if *to == wanted.as_str() => return Ok(changes),
        Some((_, NodeKind::Link(to))) => Reason::OtherIsLive(to.rsplit('/').next().unwrap_or(to).to_owned()),
        // No rename can put a link in its place.
        Some((node, _)) => return Err(in_the_way(link.as_str(), node, "a link to the live release")),
        None => Reason::NoneIsLive,
    };
    changes.push((Operation::ActivateRelease(name.clone(), id.clone()), reason));
    Ok(changes)
}

fn release_is_gone(app: &DesiredApp, facts: &Facts) -> Fault {
    let (name, id) = (&app.app.name, &app.release.id);
    let left: Vec<&str> = facts.releases.get(name.as_str()).into_iter().flatten().map(String::as_str).collect();
    let left = if left.is_empty() { "none".to_owned() } else { left.join(", ") };
    let message = format!("release {id} of app `{name}` is not complete on the host any more; there is {left}");
    Fault::new(message).hint(format!(
        "choose a later generation, or run `provision up` with the code of then; `keep_releases` (for `{name}` it \
         was {}) says how many stay",
        app.app.keep_releases
    ))
}

/// A new Python has none of the old one's packages.
fn python_differs(app: &DesiredApp, facts: &Facts) -> Option<Reason> {
    let wanted = app.release.python.as_ref()?;
    let name = match app.app.python.install {
        // Its environment lies in the release and is as old as that.
        Install::Venv => format!("{}@{}", app.app.name, app.release.id),
        Install::System | Install::Apt => app.app.name.to_string(),
    };
    let Some(Dependencies { digest, python }) = facts.python.get(&name) else {
        return Some(Reason::NotInstalled);
    };
    if digest != wanted {
        return Some(Reason::Requirements);
    }
    let now = facts.packages.get("python3").map_or("", String::as_str);
    let same = now.strip_prefix(python.as_str()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    (!same).then(|| Reason::OtherPython { installed_for: python.clone(), now: now.to_owned() })
}

fn welcome_in_the_way(facts: &Facts) -> Result<Option<Reason>, Fault> {
    let nginx_missing = !facts.packages.contains_key("nginx");
    match facts.welcome {
        Welcome::Packaged => Ok(Some(Reason::OtherDefault)),
        Welcome::Absent if nginx_missing => Ok(Some(Reason::PackageEnables)),
        Welcome::Absent => Ok(None),
        Welcome::Edited => Err(Fault::new(format!(
            "{} was edited on the host, and is the default on port 80, as a server of the inventory should be",
            layout::WELCOME
        ))
        .hint(
            "move what it does into the inventory and remove the link, or set `server_names` and `catch_all: false` on \
             the sites of port 80",
        )),
    }
}

fn in_the_way(path: &str, node: &Node, wanted: &str) -> Fault {
    Fault::new(format!("{path} is {} where the plan wants {wanted}", node.kind.word()))
        .hint(format!("see what it is for by `ls -la {path}`, and move it away"))
}

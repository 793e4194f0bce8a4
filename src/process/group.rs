//! The process group of a plugin: how large it is, and its end.

use rustix::process::{Pid, Signal, kill_process_group};

/// A process group, by its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group(Pid);

/// How much a group uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) processes: usize,
    /// Resident bytes; shared pages are counted once a process.
    pub(super) memory: u64,
}

impl Group {
    pub(super) fn of(leader: &std::process::Child) -> Option<Self> {
        i32::try_from(leader.id()).ok().and_then(Pid::from_raw).map(Self)
    }

    /// Kills all members. The leader must not have been waited for: until then no other group can have its number.
    pub(super) fn kill(self) {
        // No such group: all members are gone.
        let _ = kill_process_group(self.0, Signal::KILL);
    }

    /// Whether the leader has ended. It stays unwaited.
    pub(super) fn leader_ended(self) -> bool {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        matches!(waitid(WaitId::Pid(self.0), options), Ok(Some(_)) | Err(_))
    }

    /// What the group uses now. Where the system has no `/proc`, nothing is known and nothing is limited.
    pub(super) fn usage(self) -> Usage {
        usages(&[self])[0]
    }
}

/// What each group uses now, seen in one walk over all processes.
pub(super) fn usages(groups: &[Group]) -> Vec<Usage> {
    let mut usages = vec![Usage::default(); groups.len()];
    let Ok(entries) = std::fs::read_dir("/proc") else { return usages };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Some(pid) = name.to_str().filter(|name| name.bytes().all(|b| b.is_ascii_digit())) else {
            continue;
        };
        let Some((number, pages)) = group_and_pages(pid) else { continue };
        if let Some(at) = groups.iter().position(|group| group.0.as_raw_nonzero().get() == number) {
            usages[at].processes += 1;
            usages[at].memory += pages * rustix::param::page_size() as u64;
        }
    }
    usages
}

/// The group of a process, and its resident pages.
fn group_and_pages(pid: &str) -> Option<(i32, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; the fields begin behind the last parenthesis.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let group: i32 = fields.nth(2)?.parse().ok()?;
    // Of the fields from the state on, the 22nd is the resident size.
    Some((group, fields.nth(18).and_then(|pages| pages.parse().ok()).unwrap_or(0)))
}

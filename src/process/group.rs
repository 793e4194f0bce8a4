//! The process group of a plugin, or of another command: how large it is, and its end.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// A process group, by its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group(Pid);

/// How much a group uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) processes: usize,
    /// Resident bytes; shared pages are counted once a process.
    pub(super) memory: u64,
    /// Time of processors so far, of members that are still there.
    pub(super) time: Duration,
}

impl Group {
    /// The group of a process that was started as the leader of one.
    pub fn of(leader: &std::process::Child) -> Option<Self> {
        i32::try_from(leader.id()).ok().and_then(Pid::from_raw).map(Self)
    }

    /// Kills all members. The leader must not have been waited for: until then no other group can have its number.
    pub fn kill(self) {
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
        let Some((number, pages, ticks)) = group_pages_and_ticks(pid) else { continue };
        if let Some(at) = groups.iter().position(|group| group.0.as_raw_nonzero().get() == number) {
            usages[at].processes += 1;
            usages[at].memory += pages * rustix::param::page_size() as u64;
            usages[at].time +=
                Duration::from_millis(1000 * ticks / rustix::param::clock_ticks_per_second().max(1));
        }
    }
    usages
}

/// The group of a process, its resident pages, and its time of processors in ticks.
fn group_pages_and_ticks(pid: &str) -> Option<(i32, u64, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; the fields begin behind the last parenthesis.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let group: i32 = fields.nth(2)?.parse().ok()?;
    // Of the fields from the state on, the 12th and 13th are time as user and in the system, the 22nd is the resident size.
    let mut number = |skipped: usize| fields.nth(skipped).and_then(|field| field.parse().ok()).unwrap_or(0);
    let ticks: u64 = number(8) + number(0);
    Some((group, number(8), ticks))
}

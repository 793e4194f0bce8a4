//! Starts a plugin's process: its environment, its group, its limits, and the threads that listen to it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use octavo_plugin::process::MAX_LINE;
use rustix::event::{PollFd, PollFlags, poll};

use super::{Plugin, lock};
use crate::environment;
use crate::plain;

/// Most lines of the log that are kept, and most characters of each.
const LOG_LINES: usize = 12;
const LOG_WIDTH: usize = 200;

/// What comes from the process.
#[derive(Debug)]
pub(super) enum Event {
    /// A line without its end.
    Line(Vec<u8>),
    /// A line that is longer than a message may be.
    LongLine,
    /// The output ended; with what stood behind the last line end.
    End(Vec<u8>),
}

/// What the process wrote since it was asked, and where it must stop.
#[derive(Debug)]
pub(super) struct Budget {
    used: AtomicU64,
    limit: u64,
}

impl Budget {
    pub(super) fn reset(&self) {
        self.used.store(0, Ordering::Relaxed);
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn spend(&self, bytes: usize) -> bool {
        self.used.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64 <= self.limit
    }
}

/// A process that was started, and its ends.
pub(super) struct Started {
    pub(super) child: Child,
    pub(super) events: Receiver<Event>,
    pub(super) log: Arc<Mutex<Log>>,
    /// The log's other end, to ask whether anything is in it that was not read yet.
    pub(super) unread: Option<OwnedFd>,
    pub(super) budget: Arc<Budget>,
    /// Dropped when the process is over: until then the thread that started it must live.
    pub(super) alive: Sender<()>,
}

/// The last lines of the log.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: VecDeque<String>,
    open: Vec<u8>,
    ended: bool,
}

impl Log {
    fn add(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            // A line without end is cut, not gathered.
            let room = (4 * LOG_WIDTH).saturating_sub(self.open.len());
            self.open.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.open);
                self.push(&String::from_utf8_lossy(&line));
            }
        }
    }

    /// Adds a line; what would move the cursor or the colours of a terminal is taken out.
    pub(super) fn push(&mut self, line: &str) {
        let line: String = line.trim_end().chars().take(LOG_WIDTH).collect();
        let line = plain::lines(&line.replace('\n', " "));
        if !line.trim().is_empty() {
            self.lines.push_back(line);
        }
        while self.lines.len() > LOG_LINES {
            self.lines.pop_front();
        }
    }

    pub(super) fn last(&self) -> Vec<String> {
        let open = String::from_utf8_lossy(&self.open);
        let open = plain::lines(&open.chars().take(LOG_WIDTH).collect::<String>().replace('\n', " "));
        self.lines.iter().cloned().chain((!open.trim().is_empty()).then_some(open)).collect()
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Forgets what was said so far: what comes now belongs to another task.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.open.clear();
    }
}

/// Starts the process on a thread of its own, which then reads its output.
pub(super) fn start(plugin: &Plugin) -> std::io::Result<Started> {
    let mut command = command(plugin);
    let (sender, receiver) = channel();
    let (events, received) = sync_channel(256);
    let (alive, over) = channel::<()>();
    let budget = Arc::new(Budget { used: AtomicU64::new(0), limit: plugin.limits.output });
    let spent = Arc::clone(&budget);
    thread::Builder::new().name(format!("plugin {}", plugin.name)).spawn(move || match command.spawn() {
        Err(error) => drop(sender.send(Err(error))),
        Ok(mut child) => {
            let stdout = child.stdout.take();
            let _ = sender.send(Ok(child));
            if let Some(stdout) = stdout {
                read_lines(stdout, &events, &spent);
            }
            // The system ends the process with this thread.
            let _ = over.recv();
        }
    })?;
    let mut child = receiver.recv().map_err(|_| std::io::Error::other("its thread ended"))??;
    let log: Arc<Mutex<Log>> = Arc::default();
    let mut unread = None;
    if let Some(stderr) = child.stderr.take() {
        unread = stderr.as_fd().try_clone_to_owned().ok();
        let (log, budget) = (Arc::clone(&log), Arc::clone(&budget));
        thread::Builder::new()
            .name("plugin log".to_owned())
            .spawn(move || read_log(stderr, &log, &budget))?;
    }
    Ok(Started { child, events: received, log, unread, budget, alive })
}

fn command(plugin: &Plugin) -> Command {
    let mut command = Command::new(&plugin.octavo);
    command
        .arg("plugin-exec")
        .args(["--memory", &plugin.limits.memory.to_string()])
        .args(["--file-size", &plugin.limits.output.to_string()])
        .arg("--")
        .args(&plugin.command)
        .current_dir(&plugin.root)
        .env_clear()
        .envs(environment::of_plugins(plugin.limits.told_threads()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    command
}

fn read_lines(stdout: ChildStdout, events: &SyncSender<Event>, budget: &Budget) {
    let mut reader = BufReader::with_capacity(1 << 16, stdout);
    let mut line = Vec::new();
    loop {
        let (used, ended) = match reader.fill_buf() {
            Ok([]) | Err(_) => break,
            Ok(bytes) => match bytes.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    line.extend_from_slice(&bytes[..end]);
                    (end + 1, true)
                }
                None => {
                    line.extend_from_slice(bytes);
                    (bytes.len(), false)
                }
            },
        };
        reader.consume(used);
        // What is beyond the limit is not read any more; the host sees the budget and ends the process.
        if !budget.spend(used) {
            return;
        }
        if line.len() > MAX_LINE {
            let _ = events.send(Event::LongLine);
            return;
        }
        if ended {
            let mut line = std::mem::take(&mut line);
            if line.ends_with(b"\r") {
                line.pop();
            }
            if !line.is_empty() && events.send(Event::Line(line)).is_err() {
                return;
            }
        }
    }
    let _ = events.send(Event::End(line));
}

fn read_log(mut stderr: ChildStderr, log: &Mutex<Log>, budget: &Budget) {
    let mut buffer = [0; 1 << 14];
    while has_come(&stderr) {
        // What was written is in the pipe or in the log for whoever holds the lock, and nowhere else.
        let mut log = lock(log);
        let Ok(count @ 1..) = stderr.read(&mut buffer) else { break };
        log.add(&buffer[..count]);
        drop(log);
        if !budget.spend(count) {
            break;
        }
    }
    lock(log).ended = true;
}

/// Waits until there is something to read, or the end.
fn has_come(stderr: &ChildStderr) -> bool {
    loop {
        let mut asked = [PollFd::new(stderr, PollFlags::IN)];
        match poll(&mut asked, None) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.is_ok(),
        }
    }
}

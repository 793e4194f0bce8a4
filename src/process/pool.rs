//! Processes that wait for the next task, and the thread that looks at them: what one left running in the background has
//! the same limits as a task.

use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;
use std::time::{Duration, Instant};

use octavo_plugin::Failure;

use super::group::{self, Group};
use super::session::Session;
use super::{Plugin, lock};

/// How often idle groups are measured, at most and at least.
const OFTEN: Duration = Duration::from_millis(100);
const SELDOM: Duration = Duration::from_millis(500);

/// The idle processes of one plugin. When it is dropped, they end.
#[derive(Default)]
pub(super) struct Pool(Arc<Idle>);

#[derive(Default)]
struct Idle {
    sessions: Mutex<Vec<Session>>,
    /// Why processes were stopped while nobody asked them anything; of pools beside one another together.
    stopped: Arc<Mutex<Vec<Failure>>>,
    watched: OnceLock<()>,
}

impl Pool {
    /// An empty one for processes of the same plugin under other limits. Why processes are stopped is told by both.
    pub(super) fn beside(&self) -> Self {
        Self(Arc::new(Idle { stopped: Arc::clone(&self.0.stopped), ..Idle::default() }))
    }

    /// Uses an idle process, or a new one. It is kept for the next task unless it is broken or wants to be fresh each time.
    pub(super) fn with_session<T>(
        &self,
        plugin: &Arc<Plugin>,
        use_it: impl FnOnce(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut session = match self.take() {
            Some(session) => session,
            None => Session::start(plugin)?,
        };
        let result = use_it(&mut session);
        if session.is_usable() {
            self.give(session);
        }
        result
    }

    /// A process whose leader is still there.
    pub(super) fn take(&self) -> Option<Session> {
        // The lock is not held while one that ended by itself is cleared away.
        let session = lock(&self.0.sessions).pop();
        session.filter(Session::is_alive)
    }

    pub(super) fn give(&self, session: Session) {
        lock(&self.0.sessions).push(session);
        self.0.watched.get_or_init(|| {
            let idle = Arc::downgrade(&self.0);
            // Without a thread they are measured during tasks alone.
            let _ = thread::Builder::new().name("plugin watch".to_owned()).spawn(move || watch(&idle));
        });
    }

    /// Measures now.
    pub(super) fn measure(&self) {
        self.0.measure();
    }

    /// Takes out why processes were stopped between tasks.
    pub(super) fn take_stopped(&self) -> Vec<Failure> {
        std::mem::take(&mut lock(&self.0.stopped))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Here, and not in the watching thread, which the end of the program may overtake.
        let sessions = std::mem::take(&mut *lock(&self.0.sessions));
        drop(sessions);
    }
}

fn watch(idle: &Weak<Idle>) {
    let mut pause = OFTEN;
    loop {
        thread::sleep(pause);
        let Some(idle) = idle.upgrade() else { return };
        let begin = Instant::now();
        idle.measure();
        // At most a twentieth of one core, on a system with very many processes.
        pause = (20 * begin.elapsed()).clamp(OFTEN, SELDOM);
    }
}

impl Idle {
    fn measure(&self) {
        let groups: Vec<Group> = lock(&self.sessions).iter().filter_map(Session::group).collect();
        if groups.is_empty() {
            return;
        }
        let usages = group::usages(&groups);
        let mut sessions = lock(&self.sessions);
        for (group, usage) in groups.into_iter().zip(usages) {
            // One that is in use by now looks after itself.
            let Some(at) = sessions.iter().position(|session| session.group() == Some(group)) else {
                continue;
            };
            if let Err(failure) = sessions[at].judge_idle(usage) {
                sessions.remove(at).end();
                lock(&self.stopped).push(failure);
            }
        }
    }
}

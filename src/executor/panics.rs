//! Panics of tasks: caught, put into words, and not printed.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use octavo_plugin::{Artifacts, Failure};

/// A run whose panic is the failure of its task.
pub(super) fn contained(run: impl FnOnce() -> Result<Artifacts, Failure>) -> Result<Artifacts, Failure> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let message = panic_text(panic.as_ref());
        let help = "this is a defect of the analysis; please report it with the definition";
        Err(Failure::bug(format!("the analysis panicked: {message}")).help(help))
    })
}

/// What a panic says.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

/// While tasks run, a panic is reported as the failure of its task and not printed.
pub(super) struct QuietPanics(Option<PanicHook>);

type PanicHook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Sync + Send>;

impl QuietPanics {
    pub(super) fn begin() -> Self {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        Self(Some(before))
    }
}

impl Drop for QuietPanics {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            std::panic::set_hook(before);
        }
    }
}

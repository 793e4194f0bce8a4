//! The network that a definition names, on the plane or line where it is looked at.

use octavo_plugin::{Failure, Network, RunContext};

use crate::params::{Domain, View};
use crate::training::{self, Checkpoint};
use crate::{networks, samples, slice};

/// A network that is looked at.
pub(crate) struct Subject {
    pub(crate) network: Network,
    /// The network on its plane or line.
    pub(crate) sliced: Network,
    /// The domain; on a line a strip of height 1, so that areas are lengths.
    pub(crate) domain: Domain,
    /// The network as it was in training.
    pub(crate) checkpoints: Vec<Checkpoint>,
}

/// Reads, draws, constructs or trains the network.
///
/// # Errors
/// If an input is no network of the kind, or the run is stopped.
pub(crate) fn subject(view: View<'_>, context: &RunContext<'_>) -> Result<Subject, Failure> {
    let mut domain = view.domain;
    if view.dimension() == 1 {
        // A strip of height 1, cut upright: areas are lengths.
        (domain[0][1], domain[1][1]) = (0.0, 1.0);
    }
    let mut checkpoints = Vec::new();
    let network = match view.trained() {
        Some(trained) => {
            checkpoints = training::train(trained, &samples::sets(trained, view.domain, context)?, context)?;
            checkpoints[checkpoints.len() - 1].network.clone()
        }
        None => networks::network(view.network, domain, context)?,
    };
    if view.dimension() == 2 && view.slice.is_none() && network.inputs() != 2 {
        return Err(without_slice(network.inputs()));
    }
    let sliced = sliced(view, &network, context)?;
    Ok(Subject { network, sliced, domain, checkpoints })
}

/// A network on the plane or line. Rows of data reach a network that is trained on data as it takes them: scaled.
///
/// # Errors
/// If the slice does not fit the network.
pub(crate) fn sliced(
    view: View<'_>,
    network: &Network,
    context: &RunContext<'_>,
) -> Result<Network, Failure> {
    let scale = view.trained().filter(|trained| trained.data.is_some()).map_or(1.0, |trained| trained.scale);
    slice::sliced(network, view.slice, scale, context)
}

/// What to do with a network whose inputs are no plane.
fn without_slice(inputs: usize) -> Failure {
    if inputs == 1 {
        return Failure::user("the network takes a single input")
            .help("give `slice = { directions = [[1]] }`: the domain is then a line");
    }
    Failure::user(format!("the network takes {inputs} inputs, and the domain is in the plane or on a line"))
        .help("give a `slice` through the space of inputs: `origin` and one or two `directions`, or two or three `points`")
}

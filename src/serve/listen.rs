//! Listens on this machine alone, and gives every connection a thread, as long as there are not too many.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::response::{Status, head};

/// Most connections at once. A browser has some six to a host, and one for events of every open page.
pub(super) const MOST: usize = 128;
/// Most of them that wait for events.
pub(super) const MOST_EVENTS: usize = 96;
/// So many ports are tried, from the one that is asked for.
const TRIED: u16 = 100;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its head is not complete.
    Head,
    /// It is answered.
    Body,
    /// It waits for events.
    Events,
}

#[derive(Debug)]
struct Open {
    stream: Arc<TcpStream>,
    phase: Phase,
}

/// The open connections, by number: the smallest is the oldest.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<BTreeMap<u64, Open>>,
    ended: AtomicBool,
}

impl Connections {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection in, if there is room. Where there is none, the oldest of those goes that have not even asked: who is slow to ask
    /// takes nothing away from others.
    fn admit(&self, number: u64, stream: &Arc<TcpStream>) -> bool {
        let mut open = self.open();
        if open.len() >= MOST {
            let slow = open.iter().find(|(_, one)| one.phase == Phase::Head).map(|(number, _)| *number);
            let Some(slow) = slow.and_then(|number| open.remove(&number)) else { return false };
            let _ = slow.stream.shutdown(Shutdown::Both);
        }
        open.insert(number, Open { stream: Arc::clone(stream), phase: Phase::Head });
        true
    }

    /// Says how far a connection is; whether it may go on.
    pub(super) fn enter(&self, number: u64, phase: Phase) -> bool {
        let mut open = self.open();
        let waiting = open.values().filter(|one| one.phase == Phase::Events).count();
        if phase == Phase::Events && waiting >= MOST_EVENTS {
            return false;
        }
        open.get_mut(&number).map(|one| one.phase = phase).is_some()
    }

    fn leave(&self, number: u64) {
        self.open().remove(&number);
    }

    fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        let streams: Vec<_> = self.open().values().map(|one| Arc::clone(&one.stream)).collect();
        streams.iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }
}

/// The listeners of a server: on 127.0.0.1, and on ::1 where there is such an address.
pub(super) struct Listening {
    pub(super) port: u16,
    listeners: Vec<TcpListener>,
}

impl Listening {
    /// Takes the first free port from this one; with 0 whichever the system gives.
    ///
    /// # Errors
    /// If none can be had.
    pub(super) fn from_port(first: u16) -> io::Result<Self> {
        let last = first.saturating_add(if first == 0 { 0 } else { TRIED - 1 });
        let mut tried = (first..=last).map(Self::at);
        let found = tried.find(|one| !matches!(one, Err(error) if error.kind() == ErrorKind::AddrInUse));
        found.unwrap_or_else(|| {
            let message = format!("the ports {first} to {last} are all in use");
            Err(io::Error::new(ErrorKind::AddrInUse, message))
        })
    }

    fn at(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        let port = listener.local_addr()?.port();
        let mut listeners = vec![listener];
        // `localhost` may be either address: if another program has the second one, a browser might reach that program.
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))) {
            Ok(second) => listeners.push(second),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            // A machine without IPv6.
            Err(_) => {}
        }
        Ok(Self { port, listeners })
    }

    /// Gives every connection that comes to `answer`, on a thread of its own, until [`Accepting::end`].
    pub(super) fn accept(
        self,
        answer: impl Fn(&TcpStream, u64, &Connections) + Send + Sync + 'static,
    ) -> io::Result<Accepting> {
        let connections = Arc::new(Connections::default());
        let (answer, port) = (Arc::new(answer), self.port);
        let addresses = self.listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>()?;
        let accept = |(place, listener): (usize, TcpListener)| {
            let (connections, answer) = (Arc::clone(&connections), Arc::clone(&answer));
            thread::Builder::new()
                .name("accept".to_owned())
                .spawn(move || accept_all(&listener, place as u64, &connections, &answer))
        };
        let threads = self.listeners.into_iter().enumerate().map(accept).collect::<io::Result<Vec<_>>>()?;
        Ok(Accepting { port, addresses, connections, threads })
    }
}

/// A server that listens.
pub(super) struct Accepting {
    pub(super) port: u16,
    addresses: Vec<SocketAddr>,
    pub(super) connections: Arc<Connections>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Accepting {
    /// Gives the port back and closes all connections.
    pub(super) fn end(self) {
        self.connections.end();
        // Who waits for a connection is woken by one.
        self.addresses.iter().for_each(|address| drop(TcpStream::connect(address)));
        self.threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

fn accept_all<A>(listener: &TcpListener, place: u64, connections: &Arc<Connections>, answer: &Arc<A>)
where
    A: Fn(&TcpStream, u64, &Connections) + Send + Sync + 'static,
{
    // Two listeners count in steps of two.
    let mut number = place;
    while !connections.ended.load(Ordering::SeqCst) {
        let stream = match listener.accept() {
            Ok((stream, _)) => Arc::new(stream),
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(_) => {
                // Such as too many open files: others may be closed in a moment.
                thread::sleep(Duration::from_millis(50));
                continue;
            }
        };
        number += 2;
        if connections.ended.load(Ordering::SeqCst) {
            return;
        }
        if !connections.admit(number, &stream) {
            turn_away(&stream);
            continue;
        }
        let (all, answer, own) = (Arc::clone(connections), Arc::clone(answer), Arc::clone(&stream));
        let answered = move || {
            answer(&own, number, &all);
            let _ = own.shutdown(Shutdown::Both);
            all.leave(number);
        };
        if thread::Builder::new().name("connection".to_owned()).spawn(answered).is_err() {
            connections.leave(number);
        }
    }
}

/// Says that there is no room, without waiting for anybody.
fn turn_away(mut stream: &TcpStream) {
    let _ = stream.set_nonblocking(true);
    let _ = stream.write_all(head(Status::Unavailable, "text/plain", Some(0), "").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_free_port_is_taken_and_given_back() {
        let first = Listening::from_port(0).unwrap();
        assert_ne!(first.port, 0);
        let second = Listening::from_port(first.port).unwrap();
        assert!(second.port > first.port);
        let port = first.port;
        let accepting = first.accept(|_, _, _| {}).unwrap();
        assert_eq!(accepting.port, port);
        accepting.end();
        assert_eq!(Listening::from_port(port).unwrap().port, port, "it was given back");
    }

    #[test]
    fn only_this_machine_is_listened_to() {
        let listening = Listening::from_port(0).unwrap();
        assert!(listening.listeners.iter().all(|one| one.local_addr().unwrap().ip().is_loopback()));
    }
}

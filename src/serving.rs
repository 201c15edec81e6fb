//! Serving HTTP: connections that are let wait for nobody.
//!
//! **Architecture Invariant:** whoever connects holds no more than one of a fixed number of places,
//! and only as long as something is asked, answered or listened to. That number is well below what
//! the system lets this process have open, so that the store, the log and the runs always find room.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// A request has to say what it wants within so long of the connection, or of the answer before.
const HEADER: Duration = Duration::from_secs(15);

/// What is under way when the server is told to stop has so long to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// After a connection could not be taken, none is for so long.
const PAUSE: Duration = Duration::from_millis(100);

/// Never more connections than this to one server.
const MOST: usize = 4_096;

/// Raises what this process may have open to what the system lets it have at most, as programs
/// that serve do.
pub fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        // Where it is refused, the places for connections are as few as before.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}

/// How many connections one server takes at once: a quarter of what this process may have open,
/// since there may be three.
pub fn places() -> usize {
    let open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(open / 4).unwrap_or(MOST).clamp(8, MOST)
}

/// Serves so many connections at once until it is told to stop, and then ends what is under way.
/// Whoever comes when all places are taken waits for one.
///
/// # Errors
///
/// None today: a connection that can't be taken is tried again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    places: usize,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let (free, all) = (Arc::new(Semaphore::new(places)), places);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER);
    loop {
        let next = async {
            // The semaphore is never closed.
            let place = Arc::clone(&free).acquire_owned().await.ok();
            listener.accept().await.map(|(stream, from)| (stream, from, place))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            () = shutdown.cancelled() => break,
        };
        let (stream, from, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let router = router.clone().layer(Extension(ConnectInfo::<SocketAddr>(from)));
        let service = TowerToHyperService::new(router);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let stop = shutdown.clone();
        tokio::spawn(async move {
            let _place = place;
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    // All places are free when everything has ended; somebody who never finishes what they send
    // holds nobody up.
    let all = u32::try_from(all).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(PATIENCE, free.acquire_many(all)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn served(places: usize) -> (SocketAddr, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let router = Router::new().route("/", axum::routing::get(async || "here"));
        tokio::spawn(serve(listener, router, places, stop.clone()));
        (address, stop)
    }

    async fn asked(address: SocketAddr) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Connections that say nothing, or never come to an end of it, give their places back.
    #[tokio::test(start_paused = true)]
    async fn whoever_only_connects_is_let_go() {
        let (address, stop) = served(2).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nx-half: ").await.unwrap();
        let before = tokio::time::Instant::now();
        assert!(asked(address).await.ends_with("here"));
        assert!(before.elapsed() >= HEADER, "there was no place before");
        stop.cancel();
    }

    #[test]
    fn there_is_room_for_more_than_connections() {
        let open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        assert!(places() as u64 <= open / 2);
    }
}

//! What every request has to do with.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::history::History;
use super::limits::Limits;
use super::place::Place;
use super::render::Renderer;
use super::sessions::Sessions;
use crate::bot::Bot;
use crate::store::Store;

/// So many connections may wait for events at once.
const FOLLOWERS: usize = 512;

/// The server's parts.
pub(super) struct App {
    pub bot: Bot,
    pub place: Place,
    pub history: Arc<History>,
    pub sessions: Sessions,
    pub limits: Limits,
    pub renderer: Renderer,
    pub followers: Arc<Semaphore>,
    pub shutdown: CancellationToken,
}

impl App {
    pub fn new(
        bot: Bot,
        place: Place,
        history: Arc<History>,
        store: Arc<dyn Store>,
        shutdown: CancellationToken,
    ) -> Arc<App> {
        Arc::new(App {
            bot,
            place,
            history,
            sessions: Sessions::new(store),
            limits: Limits::default(),
            renderer: Renderer::new(),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
            shutdown,
        })
    }
}

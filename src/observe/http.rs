//! The listener: `/healthz`, `/readyz`, `/metrics`.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{INTAKE, OUTBOX, SCHEDULES, UNFINISHED};
use crate::bot::{Bot, BotError};
use crate::jobs::ExecutionState;
use crate::serving;

/// Longer than this a store takes that is in trouble.
const PATIENCE: Duration = Duration::from_secs(2);

/// Figures that nobody fetches are put together so often, or they would pile up.
const UPKEEP: Duration = Duration::from_secs(30);

/// The type that Prometheus wants for its text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is observed. Clones observe the same.
#[derive(Clone)]
pub struct Observed {
    bot: Arc<OnceLock<Bot>>,
    figures: PrometheusHandle,
    shutdown: CancellationToken,
}

impl Observed {
    /// A Steward that is starting.
    pub fn new(figures: PrometheusHandle, shutdown: CancellationToken) -> Observed {
        Observed { bot: Arc::default(), figures, shutdown }
    }

    /// It has started: from now on it is ready, as long as its store answers.
    pub fn started(&self, bot: Bot) {
        // A second call would be about the same bot.
        let _ = self.bot.set(bot);
    }

    /// What is in the way of handling messages; `None` where nothing is.
    async fn obstacle(&self) -> Option<String> {
        if self.shutdown.is_cancelled() {
            return Some("ending".to_owned());
        }
        let Some(bot) = self.bot.get() else { return Some("starting".to_owned()) };
        match tokio::time::timeout(PATIENCE, bot.check()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the store does not answer".to_owned()),
        }
    }

    /// Reads the figures that are not counted but found.
    async fn look(&self) -> Result<(), BotError> {
        let Some(bot) = self.bot.get() else { return Ok(()) };
        let vitals = bot.vitals().await?;
        for state in ExecutionState::ALL.into_iter().filter(|state| !state.is_final()) {
            let count = vitals.unfinished.get(&state).copied().unwrap_or_default();
            gauge!(UNFINISHED, "state" => state.to_string()).set(count as f64);
        }
        gauge!(OUTBOX).set(vitals.outbox as f64);
        gauge!(INTAKE).set(vitals.intake as f64);
        let (active, paused) = vitals.schedules;
        gauge!(SCHEDULES, "is" => "active").set(active as f64);
        gauge!(SCHEDULES, "is" => "paused").set(paused as f64);
        Ok(())
    }
}

/// Answers until it is told to stop.
pub async fn serve(listener: TcpListener, observed: Observed) -> std::io::Result<()> {
    let stop = observed.shutdown.clone();
    let figures = observed.figures.clone();
    let upkeep = async {
        loop {
            tokio::time::sleep(UPKEEP).await;
            figures.run_upkeep();
        }
    };
    let routes = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures_of))
        .with_state(observed.clone());
    tokio::select! {
        served = serving::serve(listener, routes, serving::places(), stop) => served,
        () = upkeep => Ok(()),
    }
}

async fn ready(State(observed): State<Observed>) -> (StatusCode, String) {
    match observed.obstacle().await {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(obstacle) => (StatusCode::SERVICE_UNAVAILABLE, format!("{obstacle}\n")),
    }
}

async fn figures_of(State(observed): State<Observed>) -> Response {
    match tokio::time::timeout(PATIENCE, observed.look()).await {
        Ok(Ok(())) => {}
        // What is counted is still worth telling.
        Ok(Err(error)) => tracing::warn!(%error, "the store's figures are old"),
        Err(_) => tracing::warn!("the store's figures are old: it does not answer"),
    }
    ([(header::CONTENT_TYPE, TEXT_FORMAT)], observed.figures.render()).into_response()
}

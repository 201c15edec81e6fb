//! Which request is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::app::App;
use super::guard::guard;
use super::{api, pages};
use crate::serving;

/// Nothing that is sent is larger, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Serves until it is told to stop, and then ends what is under way.
pub(super) async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    serving::serve(listener, router(app), serving::places(), shutdown).await
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(pages::chat::show))
        .route("/login", get(pages::login::show).post(pages::login::enter))
        .route("/logout", post(pages::logout::leave))
        .route("/language", post(pages::language::choose))
        .route("/say", post(pages::say::take))
        .route("/press", post(pages::press::take))
        .route("/events", get(pages::events::tell))
        .route("/files/{name}", get(pages::files::give))
        .route("/now", get(pages::now::show))
        .route("/runs", get(pages::runs::show))
        .route("/runs/{number}", get(pages::run::show))
        .route("/runs/{number}/log", get(pages::log::give))
        .route("/runs/{number}/charts/{name}", get(pages::charts::give))
        .route("/jobs", get(pages::jobs::show))
        .route("/jobs/{id}", get(pages::job::show).post(pages::job::take))
        .route("/approvals", get(pages::approvals::show))
        .route("/approvals/{plan}", post(pages::approvals::take))
        .route("/schedules", get(pages::schedules::show))
        .route("/drafts", get(pages::drafts::show))
        .route("/audit", get(pages::audit::show))
        .route("/assets/{name}", get(pages::assets::give))
        .route("/api/v1/messages", post(api::messages::take))
        .route("/api/v1/events", get(api::events::tell))
        .route("/api/v1/files/{name}", get(api::files::give))
        .route("/api/v1/openapi.json", get(api::openapi::give))
        .fallback(pages::missing)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

//! Pictures and files of the chat.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::nothing_here;
use crate::channels::web::visit::{Visit, failed};

pub async fn give(visit: Visit, Path(name): Path<String>) -> Result<Response, Response> {
    let content = visit.app.history.file(&visit.stream(), &name).await.map_err(failed)?;
    Ok(content.map_or_else(|| nothing_here(&visit), |content| file(&name, content)))
}

/// A file as it is given out: shown where it is a picture that was made here, and saved
/// otherwise. What a job wrote is never a page.
pub fn file(name: &str, content: Vec<u8>) -> Response {
    if name.ends_with(".png") {
        let cached = (header::CACHE_CONTROL, "private, max-age=86400");
        return ([(header::CONTENT_TYPE, "image/png"), cached], content).into_response();
    }
    let kind = (header::CONTENT_TYPE, "application/octet-stream");
    ([kind, (header::CONTENT_DISPOSITION, "attachment")], content).into_response()
}

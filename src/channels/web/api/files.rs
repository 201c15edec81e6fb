//! Pictures and files of messages.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::bearer::Bearer;
use super::refused;
use crate::channels::web::history::Stream;
use crate::channels::web::pages::files::file;
use crate::channels::web::visit::failed;

pub async fn give(bearer: Bearer, Path(name): Path<String>) -> Result<Response, Response> {
    let stream = Stream::of(&bearer.address(None, None));
    let content = bearer.app.history.file(&stream, &name).await.map_err(failed)?;
    let missing = || refused(StatusCode::NOT_FOUND, "there is no such file");
    content.map(|content| file(&name, content)).ok_or_else(missing)
}

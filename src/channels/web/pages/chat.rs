//! The chat.

use axum::response::Response;
use minijinja::context;

use crate::channels::web::item::Item;
use crate::channels::web::render::{ItemView, value};
use crate::channels::web::visit::{Visit, failed};

pub async fn show(visit: Visit) -> Result<Response, Response> {
    let items = visit.app.history.items(&visit.stream()).await.map_err(failed)?;
    let drafts = visit.app.bot.drafts(&visit.caller).await.map_err(|e| visit.error(&e))?;
    let running = visit.app.bot.running(&visit.caller).await.unwrap_or_default();
    // Only an empty chat shows them.
    let examples = match items.is_empty() {
        true => visit.app.bot.examples(&visit.caller).await.unwrap_or_default(),
        false => Vec::new(),
    };
    let last = items.iter().map(|item| item.revision.as_str()).max().unwrap_or_default();
    let zone = &visit.visitor.zone;
    let views: Vec<_> = items.iter().map(|item: &Item| ItemView::of(item, zone)).collect();
    Ok(visit.page(
        "chat.html",
        context! {
            page => "chat",
            items => value(&views),
            last,
            examples,
            drafts => value(&drafts),
            running => value(&running),
        },
    ))
}

//! The menu of commands: the catalogue's, with their descriptions in each language.

use teloxide::Bot;
use teloxide::payloads::SetMyCommandsSetters;
use teloxide::prelude::{Request, Requester};
use teloxide::types::BotCommand;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::errors::Fault;
use super::split;
use crate::catalog::{Catalog, Language};

/// What Telegram takes: so many commands, with names and descriptions of such lengths.
const MOST: usize = 100;
const NAME: usize = 32;
const DESCRIPTION: usize = 256;

/// Registers the commands, as soon as that works: for people whose language is one of Steward's,
/// and for all others in the given one. A menu that is missing is no reason not to listen.
pub(super) async fn register(
    api: Bot,
    bot: crate::bot::Bot,
    otherwise: Language,
    shutdown: CancellationToken,
) {
    let mut backoff = Backoff::default();
    while !shutdown.is_cancelled() {
        match set(&api, &bot.catalog(), otherwise).await {
            Ok(()) => return backoff.succeeded(),
            Err(fault @ Fault::Later { .. }) => {
                backoff.failed("the menu of commands can't be set", &fault, &shutdown).await;
            }
            Err(fault) => {
                tracing::warn!(reason = fault.told(), "Telegram does not take the menu");
                return;
            }
        }
    }
}

async fn set(api: &Bot, catalog: &Catalog, otherwise: Language) -> Result<(), Fault> {
    api.set_my_commands(menu(catalog, otherwise)).send().await?;
    for language in Language::ALL {
        let menu = menu(catalog, language);
        api.set_my_commands(menu).language_code(language.code()).send().await?;
    }
    Ok(())
}

/// Every command that has a name which Telegram takes, under the first such name.
fn menu(catalog: &Catalog, language: Language) -> Vec<BotCommand> {
    let entry = |command: &crate::catalog::Command| {
        let name = command.slash.iter().find(|name| is_name(name))?;
        let description = command.description.get(language);
        Some(BotCommand::new(name.as_str(), split::head(description, DESCRIPTION)))
    };
    catalog.commands().iter().filter_map(entry).take(MOST).collect()
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name.len() <= NAME && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_command_of_the_example_is_in_the_menu_once_per_language() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let catalog = Catalog::load(&root.join("intents"), &root.join("training-data"))
            .expect("the example catalogue loads");
        let with_names = catalog.commands().iter().filter(|command| !command.slash.is_empty());
        let count = with_names.count();
        for language in Language::ALL {
            let menu = menu(&catalog, language);
            assert_eq!(menu.len(), count);
            let mut names: Vec<&str> = menu.iter().map(|c| c.command.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
            assert!(names.contains(&"status") && names.contains(&"help"));
            for command in &menu {
                let length = command.description.chars().count();
                assert!((1..=DESCRIPTION).contains(&length), "{}", command.command);
            }
        }
        let described = |language| menu(&catalog, language)[0].description.clone();
        assert_ne!(described(Language::En), described(Language::Zh));
    }
}

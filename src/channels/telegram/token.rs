//! The bot's token: read once, shown nowhere.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

/// The environment variable that holds the token, where no file does.
pub(super) const VARIABLE: &str = "STEWARD_TELEGRAM_TOKEN";

/// Whoever has it is the bot. It has no `Display`, and its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token(Arc<str>);

impl Token {
    /// Reads the token from the file that is configured, else from the environment.
    ///
    /// # Errors
    ///
    /// With what is wrong and what to do; never with the token itself.
    pub fn read(file: Option<&Path>) -> Result<Token, String> {
        match file {
            Some(file) => Token::from_file(file),
            None => match std::env::var(VARIABLE) {
                Ok(text) => Token::parse(&text, &format!("the variable {VARIABLE}")),
                Err(_) => Err(format!(
                    "there is no token: set {VARIABLE}, or `channels.telegram.token_file` in \
                     steward.yaml (docs/telegram.md says where a token comes from)"
                )),
            },
        }
    }

    fn from_file(file: &Path) -> Result<Token, String> {
        let place = file.display();
        let unreadable = |e: std::io::Error| format!("the token file {place} can't be read: {e}");
        let mode = std::fs::metadata(file).map_err(unreadable)?.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(format!(
                "the token file {place} is open to everybody on this machine (mode {:o}): \
                 `chmod 600 {place}`",
                mode & 0o777
            ));
        }
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        Token::parse(&text, &format!("the token file {place}"))
    }

    /// The token that a text is: `123456789:AAE...`.
    fn parse(text: &str, source: &str) -> Result<Token, String> {
        let text = text.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let right = text.split_once(':').is_some_and(|(bot, secret)| {
            bot.parse::<u64>().is_ok() && secret.len() >= 16 && secret.chars().all(fits)
        });
        if right {
            Ok(Token(text.into()))
        } else {
            Err(format!(
                "{source} holds no bot token: one looks like 123456789:AAE…, and @BotFather in \
                 Telegram gives it"
            ))
        }
    }

    /// The token, for the one library that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The user id of the bot, which a token begins with.
    pub fn bot(&self) -> u64 {
        let id = self.0.split_once(':').and_then(|(bot, _)| bot.parse().ok());
        // `parse` let nothing else pass.
        id.unwrap_or_default()
    }

    /// A text without the token, whoever put it there.
    pub fn strip(&self, text: &str) -> String {
        text.replace(&*self.0, "<token>")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    const SECRET: &str = "AAExampleExampleExampleExampleExamp";

    fn file(text: &str, mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token");
        std::fs::write(&file, text).expect("a file");
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).expect("a mode");
        (folder, file)
    }

    #[test]
    fn a_file_is_read_and_its_token_is_shown_nowhere() {
        let (_folder, path) = file(&format!(" 42:{SECRET}\n"), 0o600);
        let token = Token::read(Some(&path)).expect("a token");
        assert_eq!((token.bot(), token.reveal()), (42, format!("42:{SECRET}").as_str()));
        assert!(!format!("{token:?}").contains(SECRET));
        let told = token.strip(&format!("error for http://x/bot42:{SECRET}/getMe"));
        assert_eq!(told, "error for http://x/bot<token>/getMe");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_token() {
        let right = format!("42:{SECRET}");
        let cases = [
            (right.as_str(), 0o604, "chmod 600"),
            (right.as_str(), 0o644, "mode 644"),
            ("", 0o600, "holds no bot token"),
            (SECRET, 0o600, "holds no bot token"),
            ("42:short", 0o600, "holds no bot token"),
            (&format!("42:{SECRET}/../x"), 0o600, "holds no bot token"),
            (&format!("bot:{SECRET}"), 0o600, "@BotFather"),
        ];
        for (text, mode, expected) in cases {
            let (_folder, path) = file(text, mode);
            let complaint = Token::read(Some(&path)).expect_err(text);
            assert!(complaint.contains(expected), "{complaint}");
            assert!(complaint.contains("token"), "{complaint}");
            assert!(!complaint.contains(SECRET), "{complaint}");
        }
        let missing = Token::read(Some(Path::new("/nowhere/token"))).expect_err("no file");
        assert!(missing.contains("/nowhere/token can't be read"), "{missing}");
    }
}

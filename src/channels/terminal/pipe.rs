//! Without a keyboard: a line is a message, and is answered before the next one is read.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Terminal;
use crate::bot::Bot;
use crate::lines::{Line, lines};

/// Pauses between looks at whether the runs are over.
const LOOK: Duration = Duration::from_millis(100);

/// Reads to the end of the input, then waits for the runs that were asked for here.
pub(super) async fn converse(
    terminal: &Terminal,
    bot: &Bot,
    shutdown: &CancellationToken,
) -> Result<(), String> {
    let mut lines = read_input()?;
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            () = shutdown.cancelled() => return Ok(()),
        };
        let Some(line) = line else { break };
        let line = match line.map_err(|e| format!("the input can't be read: {e}"))? {
            Line::Text(line) if line.trim().is_empty() => continue,
            Line::Text(line) => line,
            Line::NotText(number) => {
                eprintln!("steward: line {number} of the input is not UTF-8 text and is skipped");
                continue;
            }
        };
        bot.receive(terminal.inbound(&line)).await.map_err(|e| e.to_string())?;
        bot.quiet().await;
    }
    while bot.is_busy(&super::address()).await.map_err(|e| e.to_string())? {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = shutdown.cancelled() => return Ok(()),
        }
    }
    bot.quiet().await;
    Ok(())
}

/// Reads lines in a thread of its own, which waits for them; a line at a time, since whoever
/// writes may wait for an answer.
fn read_input() -> Result<mpsc::Receiver<std::io::Result<Line>>, String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            for line in lines(std::io::stdin().lock()) {
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        })
        .map_err(|e| format!("the input can't be read: {e}"))?;
    Ok(receiver)
}

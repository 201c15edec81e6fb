//! With a keyboard: a line editor, with what is said above it and what runs in between.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nu_ansi_term::{Color as Shade, Style};
use reedline::{
    Color, ExternalPrinter, Prompt, PromptEditMode, PromptHistorySearch, Reedline, Signal,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Terminal;
use super::remembered::Remembered;
use crate::bot::Bot;
use crate::catalog::Language;
use crate::reply::{Speech, say};

/// Messages that wait for the editor to show them.
const WAITING: usize = 1_024;

/// The line editor, as seen by those who have something to show.
pub(super) struct Keyboard {
    history: PathBuf,
    printer: SyncSender<String>,
    /// Taken by the thread that edits.
    editor: Mutex<Option<ExternalPrinter<String>>>,
    live: Arc<Mutex<Vec<String>>>,
    /// Has the prompt drawn again; set once the editor is there.
    repaint: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// What came from the keyboard.
enum Typed {
    Line(String),
    Interrupt,
    End,
    Broken(String),
}

impl Keyboard {
    pub fn new(history: PathBuf) -> Keyboard {
        let printer = ExternalPrinter::new(WAITING);
        Keyboard {
            history,
            printer: printer.sender(),
            editor: Mutex::new(Some(printer)),
            live: Arc::default(),
            repaint: OnceLock::new(),
        }
    }

    /// Shows a text above the line that is being typed.
    pub fn print(&self, text: &str) -> Result<(), String> {
        self.printer.try_send(text.to_owned()).map_err(|_| "the screen is busy".to_owned())
    }

    /// Shows what runs, right above the line that is being typed.
    pub fn live(&self, lines: Vec<String>) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = lines;
        if let Some(repaint) = self.repaint.get() {
            repaint();
        }
    }

    /// Starts to edit, in a thread of its own: the editor waits for keys.
    fn start(&self) -> Result<mpsc::UnboundedReceiver<Typed>, String> {
        let printer = self.editor.lock().unwrap_or_else(PoisonError::into_inner).take();
        let printer = printer.ok_or("the keyboard is in use already")?;
        let history = Remembered::in_file(&self.history)?;
        let mut editor = Reedline::create()
            .with_history(Box::new(history))
            .with_external_printer(printer)
            .with_transient_prompt(Box::new(Line::default()));
        let signal = editor.repaint_signal();
        self.repaint.get_or_init(|| Box::new(move || signal.request_repaint()));
        let prompt = Line { live: Arc::clone(&self.live) };
        let (typed, received) = mpsc::unbounded_channel();
        std::thread::Builder::new()
            .name("keyboard".to_owned())
            .spawn(move || {
                loop {
                    let event = match editor.read_line(&prompt) {
                        Ok(Signal::Success(line)) => {
                            // A history that can't be kept is no reason to stop talking.
                            if let Err(error) = editor.sync_history() {
                                tracing::warn!(%error, "the history can't be written");
                            }
                            Typed::Line(line)
                        }
                        Ok(Signal::CtrlC) => Typed::Interrupt,
                        Ok(Signal::CtrlD) => Typed::End,
                        Ok(_) => continue,
                        Err(error) => Typed::Broken(error.to_string()),
                    };
                    let last = matches!(event, Typed::End | Typed::Broken(_));
                    if typed.send(event).is_err() || last {
                        return;
                    }
                }
            })
            .map_err(|e| format!("the keyboard can't be read: {e}"))?;
        Ok(received)
    }
}

/// Talks until the input ends.
pub(super) async fn converse(
    terminal: &Terminal,
    bot: &Bot,
    shutdown: &CancellationToken,
) -> Result<(), String> {
    let Some(keyboard) = &terminal.keyboard else { return Err("there is no keyboard".to_owned()) };
    let speech = Speech::new(terminal.language.unwrap_or(Language::En));
    println!("{}", Style::new().bold().paint(say!(speech, "terminal-welcome")));
    // Nothing said brings an open question back; it is there before anything can be typed.
    bot.receive(terminal.inbound("")).await.map_err(|e| e.to_string())?;
    bot.quiet().await;
    let mut typed = keyboard.start()?;
    loop {
        let event = tokio::select! {
            event = typed.recv() => event.unwrap_or(Typed::End),
            () = shutdown.cancelled() => Typed::End,
        };
        match event {
            Typed::Line(line) if line.trim().is_empty() => {}
            Typed::Line(line) => {
                bot.receive(terminal.inbound(&line)).await.map_err(|e| e.to_string())?;
            }
            Typed::Interrupt => keyboard.print(&say!(speech, "terminal-how-to-leave"))?,
            Typed::End => break,
            Typed::Broken(reason) => return Err(reason),
        }
    }
    if bot.is_busy(&super::address()).await.map_err(|e| e.to_string())? {
        println!("{}", say!(speech, "terminal-runs-go-on"));
    }
    Ok(())
}

/// The prompt: what runs, and where to type.
#[derive(Default)]
struct Line {
    live: Arc<Mutex<Vec<String>>>,
}

impl Prompt for Line {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.iter().map(|line| format!("{line}\n")).collect::<String>().into()
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        "".into()
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        "› ".into()
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        "… ".into()
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        format!("({}) ", search.term).into()
    }

    fn get_prompt_color(&self) -> Color {
        Color::Yellow
    }

    fn get_indicator_color(&self) -> Color {
        Color::Cyan
    }
}

/// How wide the terminal is, where that is known.
pub(super) fn columns() -> usize {
    let known = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok();
    known.map(|size| usize::from(size.ws_col)).filter(|columns| *columns >= 40).unwrap_or(100)
}

/// The style of a part of a message.
pub(super) fn style(part: super::paint::Part) -> Style {
    use super::paint::Part;
    match part {
        Part::Title => Style::new().bold(),
        Part::Text => Style::new(),
        Part::Value => Style::new().fg(Shade::Green),
        Part::Remark | Part::Code => Style::new().dimmed(),
        Part::Number => Style::new().fg(Shade::Cyan),
        Part::Bar => Style::new().fg(Shade::Yellow),
    }
}

//! The catalogue: what can be asked. Job templates with their parameters, commands and dialogue
//! acts, and the example requests they are learnt from.
//!
//! **Architecture Invariant:** one catalogue feeds understanding, help, forms, permissions and
//! documentation; nothing about a job is declared anywhere else. A catalogue that loaded is
//! consistent: whoever holds a [`Catalog`] need not check it again.

mod language;
mod parameter;
mod template;
mod value;

pub use language::{Language, Localized};
pub use parameter::{Choice, Parameter, ParameterType, Suggest};
pub use template::{
    Argument, Check, Collect, Hint, JobTemplate, ReplyTemplates, Risk, RunSpec, Target, TemplateId,
};
pub use value::{Value, Values};

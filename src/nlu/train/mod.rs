//! Learning a catalogue: everything that understanding it needs, fitted to its examples.
//!
//! The encoder stays as it is; on its token states two intent views, the slot head and its
//! chooser, and the gate are fitted. Bounds, temperature and what the chooser trusts are
//! fitted to examples that the models in question have not seen, by folds.

mod folds;
mod half_said;
mod heads;
mod said_later;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use folds::{fold_of, folds_of};
pub use heads::{Heads, HeadsError, fingerprint};

pub use crate::nlu::gate::Risk;

use crate::catalog::{Catalog, Language, Localized};
use crate::nlu::encoder::{EncodeError, Encoded, Encoder, Gist};
use crate::nlu::gate::{Evidence, Gate, Sort};
use crate::nlu::holdings::{Explainer, Holdings};
use crate::nlu::intents::{self, IntentModel, Sample, Scores};
use crate::nlu::nearest::Nearest;
use crate::nlu::reading::Label;
use crate::nlu::slots::{self, Annotated, HeadSettings, SlotModel, SlotSettings};
use crate::nlu::values::Reference;

/// How a catalogue is learnt. Where the defaults come from is said in `benches/README.md`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Options {
    pub folds: usize,
    pub intents: intents::Settings,
    /// How much a name, description or choice of the catalogue counts, against an example.
    pub catalogue_importance: f32,
    pub slots: SlotSettings,
    pub risk: Risk,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            folds: 5,
            intents: intents::Settings {
                sentence_c: 10.0,
                ngram_c: 30.0,
                ngram_share: 0.4,
                balance: 0.75,
                prior: 4.0,
                iterations: 60,
            },
            catalogue_importance: 0.5,
            slots: SlotSettings {
                head: HeadSettings {
                    epochs: 12,
                    batch: 32,
                    offset_rate: 2e-2,
                    projection_rate: 0.0,
                    seed: 1,
                },
                chooser_c: 1.0,
            },
            risk: Risk::default(),
        }
    }
}

impl Options {
    /// The defaults, but that so many of the jobs that are accepted may be wrong, see [`Risk`].
    pub fn at_risk(job: f64) -> Options {
        Options { risk: Risk { job, ..Risk::default() }, ..Options::default() }
    }
}

/// What training is at, and how much of that is done (0 to 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    pub stage: Stage,
    pub share: f32,
}

/// The stages of training, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Encoding,
    Intents,
    Slots,
    Gate,
}

/// Why a catalogue can't be learnt.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("the catalogue has no examples, names or descriptions to learn from")]
    NothingToLearn,
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What was learnt, with what the models of each fold say of the examples they have not seen.
#[derive(Debug)]
pub struct Learnt {
    pub heads: Heads,
    /// By example of the catalogue.
    pub unseen: Vec<Evidence>,
    /// Of jobs' examples that were cut short: which example, and what is made of the rest.
    pub half_said: Vec<(usize, Evidence)>,
    /// A model for each fold that has not seen it.
    pub fold_slots: Vec<SlotModel>,
    pub encoded: Vec<Encoded>,
}

/// Learns a catalogue; `progress` is called from this thread.
pub fn train(
    catalog: &Catalog,
    encoder: &dyn Encoder,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Heads, TrainError> {
    Ok(learn(catalog, encoder, options, progress)?.heads)
}

/// As [`train`], keeping what cross-validation is made of.
pub fn learn(
    catalog: &Catalog,
    encoder: &dyn Encoder,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Learnt, TrainError> {
    let labels: Vec<Label> = catalog.labels().collect();
    let material = Material::collect(catalog, &labels, options);
    if material.is_empty() {
        return Err(TrainError::NothingToLearn);
    }
    let start = std::time::Instant::now();
    let jobs = catalog.jobs().len();
    let examples = catalog.examples().len();
    let cuts: Vec<(usize, &str)> = (0..examples)
        .filter(|&i| material.texts[i].label < jobs)
        .flat_map(|i| {
            half_said::cut(&material.texts[i].text, i).into_iter().map(move |cut| (i, cut))
        })
        .collect();
    let whole = material.texts.iter().map(|t| t.text.as_str());
    let texts: Vec<&str> = whole.chain(cuts.iter().map(|(_, cut)| *cut)).collect();
    let mut encoded = encode(&texts, encoder, progress)?;
    let of_cuts = encoded.split_off(material.texts.len());
    tracing::debug!(seconds = start.elapsed().as_secs_f64(), "encoded");

    progress(Progress { stage: Stage::Intents, share: 0.0 });
    let folds = folds_of(catalog, options.folds);
    let explainer = Explainer::new(catalog);
    let sizes = Sizes { examples, labels: labels.len(), jobs };
    let intents = learn_intents(&material, &encoded, &explainer, sizes, &folds, options);
    let half_said: Vec<(usize, Evidence)> = cuts
        .par_iter()
        .zip(&of_cuts)
        .map(|(&(i, cut), encoded)| {
            let (model, nearest) = &intents.by_fold[folds[i]];
            let held = explainer.look(cut, &reference());
            (i, evidence(model, nearest, &held, &encoded.gist()))
        })
        .collect();

    tracing::debug!(seconds = start.elapsed().as_secs_f64(), "intents learnt");
    progress(Progress { stage: Stage::Slots, share: 0.0 });
    let learnt = learn_slots(catalog, encoder, &encoded[..examples], &folds, options)?;

    tracing::debug!(seconds = start.elapsed().as_secs_f64(), "slots learnt");
    progress(Progress { stage: Stage::Gate, share: 0.0 });
    let truth: Vec<usize> = material.texts[..examples].iter().map(|text| text.label).collect();
    let sorts = labels.iter().map(sort_of).collect();
    let half: Vec<(&Evidence, usize)> = half_said.iter().map(|(i, e)| (e, truth[*i])).collect();
    let gate = Gate::fit(&intents.unseen, &truth, &half, sorts, options.risk);
    progress(Progress { stage: Stage::Gate, share: 1.0 });
    let (model, nearest) = intents.whole;
    let heads = Heads {
        fingerprint: fingerprint(catalog, encoder, options),
        options: *options,
        labels: labels.iter().map(Label::to_string).collect(),
        intents: model,
        nearest,
        slots: learnt.model,
        gate,
    };
    Ok(Learnt { heads, unseen: intents.unseen, half_said, fold_slots: learnt.folds, encoded })
}

/// How much there is to learn intents from.
#[derive(Clone, Copy)]
struct Sizes {
    examples: usize,
    labels: usize,
    jobs: usize,
}

/// The intent models, of everything and without each fold.
struct LearntIntents {
    whole: (IntentModel, Nearest),
    by_fold: Vec<(IntentModel, Nearest)>,
    /// By example: what the model that has not seen it says.
    unseen: Vec<Evidence>,
}

fn learn_intents(
    material: &Material,
    encoded: &[Encoded],
    explainer: &Explainer,
    sizes: Sizes,
    folds: &[usize],
    options: &Options,
) -> LearntIntents {
    let gists: Vec<Gist> = encoded.iter().map(Encoded::gist).collect();
    let reference = reference();
    let held: Vec<Holdings> =
        material.texts.par_iter().map(|text| explainer.look(&text.text, &reference)).collect();
    let samples: Vec<Sample> = material
        .texts
        .iter()
        .zip(&held)
        .zip(&gists)
        .map(|((text, held), gist)| Sample {
            skeleton: &held.skeleton,
            gist,
            label: text.label,
            importance: text.importance,
        })
        .collect();
    let Sizes { examples, labels, jobs } = sizes;
    let fit = |fold: Option<usize>| {
        let seen: Vec<Sample> = (0..samples.len())
            .filter(|&i| material.texts[i].of.is_none_or(|of| Some(folds[of]) != fold))
            .map(|i| samples[i])
            .collect();
        let own = material.own();
        let model = IntentModel::fit(&seen, seen.len() - own, labels, jobs, options.intents);
        let nearest = Nearest::new(&model, &seen, labels);
        (model, nearest)
    };
    let mut by_fold: Vec<(IntentModel, Nearest)> = (0..=options.folds)
        .into_par_iter()
        .map(|fold| fit((fold < options.folds).then_some(fold)))
        .collect();
    // `0..=folds` made folds + 1 of them; the last has seen everything.
    let whole = by_fold.pop().expect("one model has seen everything");
    let unseen = (0..examples)
        .into_par_iter()
        .map(|i| evidence(&by_fold[folds[i]].0, &by_fold[folds[i]].1, &held[i], &gists[i]))
        .collect();
    LearntIntents { whole, by_fold, unseen }
}

/// What the models make of a text.
pub fn evidence(model: &IntentModel, nearest: &Nearest, held: &Holdings, gist: &Gist) -> Evidence {
    let Scores { labels, jobs } = model.scores(&held.skeleton, gist);
    Evidence {
        units: held.units,
        labels,
        jobs,
        nearest: nearest.by_label(&model.centred(&gist.sentence)),
        explained: held.explained.clone(),
    }
}

/// What sort of thing a label is.
pub(super) fn sort_of(label: &Label) -> Sort {
    match label {
        Label::Job(_) => Sort::Job,
        Label::Command(_) | Label::Act(_) => Sort::Talk,
        Label::OutOfScope => Sort::OutOfScope,
    }
}

fn learn_slots(
    catalog: &Catalog,
    encoder: &dyn Encoder,
    encoded: &[Encoded],
    folds: &[usize],
    options: &Options,
) -> Result<slots::Folded, EncodeError> {
    let mut texts = BTreeMap::new();
    for label in catalog.labels() {
        for parameter in catalog.parameters_of(&label) {
            let of = Language::ALL.map(|language| slots::label_text(parameter, language));
            texts.insert(slots::key(parameter), of);
        }
    }
    let flat: Vec<&str> = texts.values().flatten().map(String::as_str).collect();
    let means: Vec<Vec<f32>> = encoder.encode(&flat)?.iter().map(Encoded::mean).collect();
    let labels: BTreeMap<String, [Vec<f32>; 2]> = texts
        .keys()
        .zip(means.chunks_exact(2))
        .map(|(key, pair)| (key.clone(), [pair[0].clone(), pair[1].clone()]))
        .collect();
    let annotated: Vec<Annotated> = catalog
        .examples()
        .iter()
        .zip(encoded)
        .zip(folds)
        .map(|((example, encoded), &fold)| Annotated {
            text: &example.text,
            encoded,
            parameters: catalog.parameters_of(&example.label),
            entities: &example.entities,
            fold,
        })
        .filter(|a| !a.parameters.is_empty())
        .collect();
    let head = encoder.slot_head();
    let reference = reference();
    Ok(slots::learn(&annotated, head, &labels, options.folds, options.slots, &reference))
}

/// The moment that times in examples count from. Which one it is does not matter: training asks
/// where times stand, not which they are.
pub(in crate::nlu) fn reference() -> Reference {
    let now = jiff::civil::date(2025, 1, 15).at(12, 0, 0, 0);
    // Noon in UTC exists on every day.
    Reference { now: now.to_zoned_datetime(jiff::tz::TimeZone::UTC).expect("a moment in UTC") }
}

fn description<'a>(catalog: &'a Catalog, label: &Label) -> Option<&'a Localized> {
    match label {
        Label::Job(id) => catalog.job(id).map(|job| &job.description),
        Label::Command(id) | Label::Act(id) => catalog.command(id).map(|c| &c.description),
        Label::OutOfScope => None,
    }
}

/// The texts to learn intents from: the examples first, in their order, then some of them with a
/// moment, then the catalogue's own words.
struct Material {
    texts: Vec<Weighted>,
}

struct Weighted {
    text: String,
    label: usize,
    importance: f32,
    /// Which example it is, or is made of; none for the catalogue's own words.
    of: Option<usize>,
}

/// How many texts are encoded between two reports of progress.
const ENCODED_AT_ONCE: usize = 256;

impl Material {
    fn collect(catalog: &Catalog, labels: &[Label], options: &Options) -> Material {
        let index: BTreeMap<&Label, usize> =
            labels.iter().enumerate().map(|(i, l)| (l, i)).collect();
        let examples = || catalog.examples().iter().enumerate();
        let said = examples().map(|(i, example)| (i, example, example.text.clone()));
        let of_jobs = examples().filter(|(_, e)| matches!(e.label, Label::Job(_)));
        let later = of_jobs.enumerate().filter_map(|(number, (i, example))| {
            let text = said_later::with_moment(&example.text, example.language, number)?;
            Some((i, example, text))
        });
        let mut texts: Vec<Weighted> = said
            .chain(later)
            .map(|(i, example, text)| {
                let label = index[&example.label];
                Weighted { text, label, importance: 1.0, of: Some(i) }
            })
            .collect();
        for (label, at) in labels.iter().enumerate().map(|(i, l)| (l, i)) {
            if *label == Label::OutOfScope {
                continue;
            }
            let own = [catalog.name_of(label), description(catalog, label)];
            for words in own.into_iter().flatten() {
                for language in Language::ALL {
                    texts.push(Weighted {
                        text: words.get(language).to_owned(),
                        label: at,
                        importance: options.catalogue_importance,
                        of: None,
                    });
                }
            }
        }
        Material { texts }
    }

    /// How many of the texts, the last ones, are the catalogue's own words.
    fn own(&self) -> usize {
        self.texts.iter().filter(|text| text.of.is_none()).count()
    }

    fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

fn encode(
    texts: &[&str],
    encoder: &dyn Encoder,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Encoded>, EncodeError> {
    let mut encoded = Vec::with_capacity(texts.len());
    for chunk in texts.chunks(ENCODED_AT_ONCE) {
        let share = encoded.len() as f32 / texts.len() as f32;
        progress(Progress { stage: Stage::Encoding, share });
        let mut chunk = encoder.encode(chunk)?;
        chunk.iter_mut().for_each(Encoded::keep_gist);
        encoded.extend(chunk);
    }
    Ok(encoded)
}

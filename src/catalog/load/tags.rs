//! Reading `tags.yaml`: what people call the tags of jobs.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::fields::{Fields, localized};
use super::report::Report;
use super::template::PlacedJob;
use super::yaml::Node;
use crate::catalog::Localized;
use crate::catalog::mistake::Problem;

/// Reads the file, a mapping from tags to names. A tag that no job has is reported, unless there
/// are jobs that could not be read.
pub fn read(
    root: &Node,
    jobs: &[PlacedJob],
    unread: &HashSet<String>,
    report: &mut Report,
) -> BTreeMap<String, Localized> {
    let Some(fields) = Fields::of(root, "", report) else { return BTreeMap::new() };
    let used: BTreeSet<&String> = jobs.iter().flat_map(|placed| &placed.job.tags).collect();
    let mut names = BTreeMap::new();
    for (tag, node) in fields.all() {
        if unread.is_empty() && !used.contains(&tag.name) {
            let allowed = used.iter().map(|&tag| tag.clone()).collect();
            report.add(
                &tag.place,
                tag.name.clone(),
                Problem::NotOneOf { value: tag.name.clone(), allowed },
            );
        }
        if let Some(name) = localized(node, &tag.name, report) {
            names.insert(tag.name.clone(), name);
        }
    }
    names
}
